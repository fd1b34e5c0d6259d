"""The two architectures compute what their papers say, and are told from their tensors in every layout."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from shop_genai.errors import WeightsUnsupported
from shop_genai.generation.enhance.foreign import compact, esrgan
from shop_genai.generation.enhance.foreign.detect import restorer_from, unwrapped
from tests.generation.enhance.foreign import reference
from tests.generation.enhance.foreign.reference import State

FILE = Path("weights.safetensors")
CPU = torch.device("cpu")


def low(height: int = 12, width: int = 20) -> torch.Tensor:
    return torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("parametric", [True, False])
@pytest.mark.parametrize(
    ("channels", "convolutions", "scale"), [(8, 2, 4), (12, 5, 2), (6, 0, 1), (6, 3, 3), (5, 1, 8)]
)
def test_compact(channels: int, convolutions: int, scale: int, parametric: bool) -> None:
    state = reference.compact_state(channels, convolutions, scale, parametric)
    assert compact.read_config(state) == compact.CompactConfig(channels, convolutions, scale, parametric)
    restorer = restorer_from(state, FILE)
    assert (restorer.architecture, restorer.own) == ("compact", scale)
    found = restorer.network(0.0, CPU, torch.float32)(low(), scale)
    assert torch.allclose(found, reference.compact(state, low(), scale), atol=1e-5)


@pytest.mark.parametrize("layout", ["first", "later", "real"])
@pytest.mark.parametrize(
    ("doublings", "fold", "scale"), [(2, 1, 4), (1, 1, 2), (3, 1, 8), (2, 2, 2), (2, 4, 1), (0, 1, 1)]
)
def test_esrgan(layout: str, doublings: int, fold: int, scale: int) -> None:
    blocks = 2
    state = reference.esrgan_state(8, 4, blocks, doublings, fold)
    named: State = {
        "first": reference.first_layout(state, blocks, doublings),
        "later": reference.later_layout(state),
        "real": state,
    }[layout]
    assert esrgan.read_config(esrgan.renamed(named)) == esrgan.EsrganConfig(8, 4, blocks, doublings, fold)
    restorer = restorer_from(named, FILE)
    assert (restorer.architecture, restorer.own) == ("esrgan", scale)
    assert restorer.grid(1).unit == fold
    with torch.inference_mode():
        found = restorer.network(0.0, CPU, torch.float32)(low(), scale)
    assert torch.allclose(found, reference.esrgan(state, low(), blocks, doublings, fold), atol=1e-5)


def test_names_left_over_from_training_are_taken_off() -> None:
    state = reference.compact_state(6, 1, 2, True)
    wrapped = {f"params_ema.module.{name}": tensor for name, tensor in state.items()}
    assert unwrapped(wrapped).keys() == state.keys()
    assert restorer_from(wrapped, FILE).own == 2


@pytest.mark.parametrize(
    "change",
    ["one more", "one less", "wrong channels", "nothing", "grey"],
)
@pytest.mark.parametrize("kind", ["compact", "esrgan"])
def test_what_does_not_fit_is_refused_and_listed(kind: str, change: str) -> None:
    state = reference.compact_state(6, 2, 2, True) if kind == "compact" else reference.esrgan_state(8, 4, 1, 2, 1)
    first = next(iter(state))
    if change == "one more":
        state["attention.weight"] = torch.zeros(4, 4)
    elif change == "one less":
        del state["body.2.weight" if kind == "compact" else "conv_hr.weight"]
    elif change == "wrong channels":
        state["body.2.weight" if kind == "compact" else "conv_hr.weight"] = torch.zeros(6, 5, 3, 3)
    elif change == "grey":
        state[first] = state[first][:, :1]
    else:
        state = {}
    with pytest.raises(WeightsUnsupported) as refused:
        restorer_from(state, FILE)
    assert refused.value.code == "weights_unsupported"
    assert len(refused.value.details["tensors"]) == min(len(state), 6)
    if state:
        assert next(iter(state)) in str(refused.value)
    assert "spandrel" in str(refused.value)
