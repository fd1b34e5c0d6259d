"""From the tensors of a file to a network: which architecture is it, and of what shape?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from shop_genai.errors import WeightsUnsupported

from . import compact, esrgan, external
from .restorer import Foreign

WRAPPERS = ("params_ema.", "params.", "module.", "model_state_dict.", "generator.")  # left over from training
SHOWN = 6  # tensors that are listed when nothing fits


def restorer_from(state: Mapping[str, Tensor], path: Path) -> Foreign:
    """A network with these weights.

    Args:
        state: the tensors of one file.
        path: that file; `spandrel`, if it is installed, reads it again.

    Raises:
        WeightsUnsupported: no architecture that is known here has such tensors; what there is is listed.
    """
    plain = unwrapped(state)
    small = compact.read_config(plain)
    if small is not None:
        network = compact.Compact(small)
        network.load_state_dict(plain)
        return Foreign(compact.NAME, network, small.scale, 1, compact.reach(small))
    dense = esrgan.renamed(plain)
    large = esrgan.read_config(dense)
    if large is not None:
        deep = esrgan.Esrgan(large)
        deep.load_state_dict(dense)
        return Foreign(esrgan.NAME, deep, large.scale, large.fold, esrgan.reach(large))
    other, why_not = external.open_with_spandrel(path)
    if other is not None:
        return other
    listed = [f"{name} {'×'.join(map(str, tensor.shape))}" for name, tensor in list(plain.items())[:SHOWN]]
    raise WeightsUnsupported(
        f"{path.name} is neither a Compact nor an ESRGAN network. It has {len(plain)} tensors: {', '.join(listed)}"
        f"{', …' if len(plain) > SHOWN else ''}. {why_not}",
        file=path.name,
        tensors=listed,
    )


def unwrapped(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Names without a prefix that all of them share."""
    for prefix in WRAPPERS:
        if state and all(name.startswith(prefix) for name in state):
            return unwrapped({name.removeprefix(prefix): tensor for name, tensor in state.items()})
    return dict(state)
