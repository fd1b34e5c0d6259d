"""The weights that the package ships."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shop_genai.generation import load, weights
from shop_genai.generation.enhance import degradation
from shop_genai.generation.enhance.pipeline import EnhancePipeline
from shop_genai.training.metrics import psnr_y, ssim_y

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "example_project" / "shop" / "samples" / "products"


@pytest.fixture(scope="module")
def packaged() -> EnhancePipeline:
    return load("enhance", device="cpu", dtype="float32")


def test_the_files_are_those_of_the_manifest_and_small_enough() -> None:
    manifest = weights.manifest("enhance")
    assert set(manifest.roles) == {"pixel", "gan", "light"}
    for role in manifest.roles:
        entry = manifest.content["files"][role]
        assert entry["size"] == (manifest.path.parent / entry["file"]).stat().st_size <= weights.LARGEST_FILE
        assert weights.tensors(manifest, role)


def test_the_manifest_says_what_it_must() -> None:
    content = weights.manifest("enhance").content
    assert content["promoted"]
    assert content["licence"]
    assert content["data"]
    assert {"x2 bicubic", "x2 strength 0", "x4 strength 1"} <= content["metrics"]["quality"].keys()
    assert content["metrics"]["test_set"]  # without it, no other weights could be compared with these
    assert {stage["device"] for stage in content["training"].values()} <= {"cpu", "cuda"}


def test_the_model_card_shows_the_figures_of_these_weights() -> None:
    card = (ROOT / "docs" / "model_cards" / "enhance.md").read_text(encoding="utf-8")
    assert weights.digest("enhance")[:12] in card


@pytest.mark.parametrize("scale", [1, 2, 4])
@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_no_grid_shows_on_an_even_surface(scale: int, strength: float, packaged: EnhancePipeline) -> None:
    plain = Image.new("RGB", (96, 96), (200, 180, 160))
    pixels = np.asarray(packaged([{"image": plain}], {"scale": scale, "strength": strength}, [0])[0].image, np.int16)
    assert np.abs(pixels - [200, 180, 160]).max() <= 2  # up to the border


@pytest.mark.parametrize("name", ["mug.jpg", "plaid-shirt.jpg"])
def test_x2_is_closer_to_the_truth_than_bicubic(name: str, packaged: EnhancePipeline) -> None:
    with Image.open(SAMPLES / name) as photo:
        target = photo.convert("RGB").resize((320, 320), Image.Resampling.LANCZOS)
    low = degradation.degrade(target, 2, degradation.sample(degradation.seeded(name, 2)))
    (output,) = packaged([{"image": low}], {"scale": 2, "strength": 0.0}, [0])
    truth = np.asarray(target)
    bicubic = np.asarray(low.resize(target.size, Image.Resampling.BICUBIC))
    assert psnr_y(np.asarray(output.image), truth) > psnr_y(bicubic, truth) + 0.5
    assert ssim_y(np.asarray(output.image), truth) > ssim_y(bicubic, truth)


@pytest.mark.parametrize(("scale", "dtype"), [(1, "float32"), (2, "float32"), (4, "float32"), (2, "bfloat16")])
def test_tiles_join_without_a_seam(scale: int, dtype: str) -> None:
    pipeline = load("enhance", device="cpu", dtype=dtype)
    with Image.open(SAMPLES / "plaid-shirt.jpg") as photo:
        low = photo.convert("RGB").resize((179 // scale, 130 // scale), Image.Resampling.BOX)
    whole = np.asarray(pipeline([{"image": low}], {"scale": scale, "strength": 1.0}, [0])[0].image, np.int16)
    pipeline.tile = 36
    tiled = np.asarray(pipeline([{"image": low}], {"scale": scale, "strength": 1.0}, [0])[0].image, np.int16)
    assert np.abs(whole - tiled).max() <= 2


def test_the_classifiers_card_shows_the_figures_of_its_manifest() -> None:
    card = (ROOT / "docs" / "model_cards" / "features.md").read_text(encoding="utf-8")
    manifest = weights.manifest("features")
    assert weights.tensors(manifest, "classifier")
    figures = manifest.content["metrics"]["garments, test"]
    assert f"{100 * figures['accuracy']:.1f} % of {figures['pictures']:.0f} garments" in " ".join(card.split())
    assert f"({100 * figures['balanced_accuracy']:.1f} % averaged over classes)" in " ".join(card.split())


def test_the_segmentations_card_shows_the_figures_of_its_weights() -> None:
    card = (ROOT / "docs" / "model_cards" / "segment.md").read_text(encoding="utf-8")
    manifest = weights.manifest("segment")
    assert manifest.content["files"]["segment"]["size"] <= weights.LARGEST_FILE
    assert manifest.content["promoted"]
    assert "OSL-3.0" in manifest.content["data"].values()
    assert manifest.content["metrics"].keys() >= {"people, test", "garments-flat, test"}
    shown = re.findall(r"\(`([0-9a-f]{12})`\)", card)
    assert len(shown) >= 3  # people, garments, the repository's own
    assert set(shown) == {manifest.digest[:12]}


@pytest.mark.parametrize("name", ["polo", "tank", "sunset-tee_navy"])
def test_the_packaged_segmentation_finds_a_garment_that_lies_alone(name: str) -> None:
    pipeline = load("segment", device="cpu", dtype="float32")
    with (
        Image.open(SAMPLES / f"{name}.jpg") as photo,
        Image.open(SAMPLES.parent / f"products_masks/{name}.png") as mask,
    ):
        found = pipeline.product_mask(photo.resize((300, 300)))
        truth = np.asarray(mask.convert("L").resize((300, 300))) >= 128
    inside = np.asarray(found.mask) >= 128
    assert found.kind == "product"
    assert (inside & truth).sum() / (inside | truth).sum() > 0.9


def test_the_poses_card_shows_the_figures_of_its_weights() -> None:
    card = (ROOT / "docs" / "model_cards" / "pose.md").read_text(encoding="utf-8")
    manifest = weights.manifest("pose")
    assert manifest.content["files"]["pose"]["size"] <= weights.LARGEST_FILE
    assert manifest.content["promoted"]
    assert {"OSL-3.0", "CC BY-SA 4.0"} <= set(manifest.content["data"].values())
    assert manifest.content["metrics"]["test"].keys() == {"people", "facing", "pck", "off"}
    assert re.findall(r"\(`([0-9a-f]{12})`\)", card) == [manifest.digest[:12]]


@pytest.mark.parametrize("name", ["crew-tee", "harvest-top"])
def test_the_packaged_pose_sees_somebody_from_the_front(name: str) -> None:
    with Image.open(SAMPLES.parent / f"people/{name}.jpg") as photo:
        pose = load("pose", device="cpu", dtype="float32").look(photo.convert("RGB"))
    assert (pose.people, pose.facing) == (1, "front")
    places = [pose.point(f"{side}_{joint}") for side in ("left", "right") for joint in ("shoulder", "hip")]
    left_shoulder, left_hip, right_shoulder, right_hip = (place or (0.0, 0.0) for place in places)
    assert None not in places
    assert right_shoulder[0] < left_shoulder[0]  # the wearer's own sides
    assert max(left_shoulder[1], right_shoulder[1]) < min(left_hip[1], right_hip[1])
