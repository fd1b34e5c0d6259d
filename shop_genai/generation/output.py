"""What every pipeline returns for one job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

Progress = Callable[[float], None]  # receives the share done, 0..1; may raise to stop the work


@dataclass(frozen=True)
class Output:
    """One result."""

    image: Image.Image
    mask: Image.Image | None = None  # mode L: where the picture was edited; None: everywhere
    info: dict[str, Any] = field(default_factory=dict)  # plain JSON facts
