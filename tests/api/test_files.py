"""A picture is sent as a picture, and as nothing else."""

from __future__ import annotations

import pytest

from shop_genai.api.files import FORMAT_OF, picture
from shop_genai.media import CONTENT_TYPES


@pytest.mark.parametrize(("format", "kind"), sorted(CONTENT_TYPES.items()))
def test_known_formats_have_their_type(format: str, kind: str) -> None:
    response = picture(b"bytes", format)
    assert (response["Content-Type"], response.content) == (kind, b"bytes")
    assert kind.startswith("image/")
    assert "svg" not in kind  # can hold scripts


def test_other_files_of_the_host_are_bytes_that_no_browser_guesses_at() -> None:
    response = picture(b"<script>", "SVG")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_every_suffix_has_its_format() -> None:
    assert FORMAT_OF.keys() >= {".png", ".jpg", ".webp"}
    assert set(FORMAT_OF.values()) <= CONTENT_TYPES.keys()
