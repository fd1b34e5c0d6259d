"""What may be asked of a try-on. Torch-free: web processes import it."""

from __future__ import annotations

from dataclasses import dataclass, field

from shop_genai.errors import InvalidParams

AUTO = "auto"
LANDMARK_GAN, WARP_ONLY = "landmark_gan", "warp_only"
CATEGORIES = {
    AUTO: "As the garment's picture shows",
    "upper": "Upper body",
    "lower": "Trousers, shorts, skirts",
    "dress": "Dresses",
}
TUCKS = {AUTO: "As long as it is", "in": "Tucked in", "out": "Worn over"}
OUTERS = {"keep": "Keep", "replace": "Take off"}


@dataclass(frozen=True)
class TryOnParams:
    """Parameters of one try-on.

    Raises:
        InvalidParams: a value is none of the choices; `details["field"]` names it.
    """

    category: str = field(
        default=AUTO,
        metadata={
            "label": "Category",
            "help_text": "Which garment of the picture is tried on, where a model wears several.",
            "choices": CATEGORIES,
        },
    )
    tuck: str = field(
        default=AUTO,
        metadata={
            "label": "Hem",
            "help_text": "Whether the hem of a top goes into the trousers or skirt, or hangs over them.",
            "choices": TUCKS,
        },
    )
    outer: str = field(
        default="replace",
        metadata={
            "label": "Open jacket",
            "help_text": "Whether an open jacket or cardigan in the person's photo stays on, over the new garment.",
            "choices": OUTERS,
        },
    )
    backend: str = field(
        default=LANDMARK_GAN,
        metadata={
            "label": "Method",
            "help_text": "landmark_gan: warped and composed; warp_only: warped and pasted; or one that the shop added.",
        },
    )

    def __post_init__(self) -> None:
        for name, choices in (("category", CATEGORIES), ("tuck", TUCKS), ("outer", OUTERS)):
            value = getattr(self, name)
            if value not in choices:
                raise InvalidParams(f"The {name} must be one of {', '.join(choices)}, not {value!r}.", field=name)
        if not isinstance(self.backend, str) or not self.backend.isidentifier():
            raise InvalidParams(f"The backend must be a plain name, not {self.backend!r}.", field="backend")
