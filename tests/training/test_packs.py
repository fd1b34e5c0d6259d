"""Reading packs and plain folders of pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from shop_genai.training.packs import Pictures, open_rgb, read_pack


def test_a_plain_folder_belongs_to_every_split(pictures: Path) -> None:
    entries = read_pack(pictures, "test")
    assert [entry.name for entry in entries] == ["2.png", "3.png", "4.png", "0.png", "1.png"]
    assert [entry.kind for entry in entries] == ["mugs"] * 3 + ["shirts"] * 2


def test_a_manifest_names_split_order_and_kind(tmp_path: Path) -> None:
    rows = ["file,split,kind", "b/2.jpg,train,fashion", "b/1.jpg,train,", "b/3.jpg,test,fashion"]
    (tmp_path / "manifest.csv").write_text("\n".join(rows))
    entries = read_pack(tmp_path, "train")
    assert [(entry.path, entry.kind) for entry in entries] == [
        (tmp_path / "b/2.jpg", "fashion"),
        (tmp_path / "b/1.jpg", "b"),
    ]


def test_nothing_found_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no folder"):
        read_pack(tmp_path / "gone", "train")
    with pytest.raises(FileNotFoundError, match="no pictures"):
        read_pack(tmp_path, "train")


def test_small_pictures_are_left_out(pictures: Path) -> None:
    kept = Pictures(read_pack(pictures, "train"), smallest=40)
    assert len(kept) == 4
    assert kept[3].size == (72, 68)
    with pytest.raises(FileNotFoundError, match="at least 100 pixels"):
        Pictures(read_pack(pictures, "train"), smallest=100)


def test_a_picture_is_read_once(pictures: Path) -> None:
    kept = Pictures(read_pack(pictures, "train"))
    assert kept[0] is kept[0]


def test_pictures_of_other_modes_become_rgb(tmp_path: Path) -> None:
    Image.new("LA", (3, 2)).save(tmp_path / "x.png")
    assert open_rgb(tmp_path / "x.png").mode == "RGB"
