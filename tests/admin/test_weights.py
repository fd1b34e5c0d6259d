"""Weights are shown, not touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from shop_genai.generation.weights import Manifest
from shop_genai.models import Weights
from tests.admin.conftest import listing, page


@pytest.fixture
def weights(db: None) -> Weights:
    return Weights.objects.create(
        recipe="enhance", digest="ab" * 32, version="1.0", promoted=True,
        manifest={"licence": "MIT", "metrics": {"psnr": 28.4}, "data": ["<script>alert(1)</script>"]},
    )  # fmt: skip


def test_the_list_marks_the_promoted_ones(desk: Any, weights: Weights) -> None:
    text = desk.get(listing("weights")).text
    assert "Promoted" in text
    assert "Enhance" in text
    assert "abababababab" in text


def test_the_page_prints_the_manifest_and_the_metrics(desk: Any, weights: Weights) -> None:
    text = desk.get(page(weights)).text
    assert "&quot;licence&quot;: &quot;MIT&quot;" in text
    assert "28.4" in text
    assert "<script>alert(1)" not in text


def test_packaged_weights_show_the_manifest_beside_their_files(
    desk: Any, weights: Weights, monkeypatch: Any, tmp_path: Path
) -> None:
    packaged = Manifest(tmp_path / "enhance.json", {"kind": "enhance", "version": "1", "licence": "CC0", "files": {}})
    monkeypatch.setattr("shop_genai.generation.weights.manifest", lambda kind: packaged)
    Weights.objects.update(manifest={}, digest=packaged.digest)
    assert "CC0" in desk.get(page(weights)).text
    Weights.objects.update(digest="cd" * 32)
    assert "other weights are installed" in desk.get(page(weights)).text


def test_an_odd_manifest_does_not_break_the_page(desk: Any, weights: Weights) -> None:
    Weights.objects.update(manifest={"metrics": [1, 2]})
    assert desk.get(page(weights)).status_code == 200


def test_weights_are_not_changed_here(desk: Any, weights: Weights) -> None:
    assert desk.get(reverse("admin:shop_genai_weights_add")).status_code == 403
    assert desk.post(page(weights), {"promoted": ""}).status_code == 403


def test_an_empty_list_says_what_to_do(desk: Any) -> None:
    assert "first job" in desk.get(listing("weights")).text
