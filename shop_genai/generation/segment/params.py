"""What may be asked of a segmentation. Torch-free: web processes import it."""

from __future__ import annotations

from dataclasses import dataclass, field

from shop_genai.errors import InvalidParams

MASKS = {"foreground": "Everything before the ground", "product": "The product"}
AUTO = "auto"
GARMENTS = {AUTO: "The one that is sold", "upper": "The upper one", "lower": "The lower one"}


@dataclass(frozen=True)
class SegmentParams:
    """Parameters of one segmentation.

    Raises:
        InvalidParams: a value is unknown; `details["field"]` names it.
    """

    mask: str = field(
        default="foreground",
        metadata={"label": "Mask", "help_text": "What the mask beside the label map shows.", "choices": MASKS},
    )
    garment: str = field(
        default=AUTO,
        metadata={"label": "Garment", "help_text": "Which one, when several are worn.", "choices": GARMENTS},
    )

    def __post_init__(self) -> None:
        for name, known in (("mask", MASKS), ("garment", GARMENTS)):
            if getattr(self, name) not in known:
                raise InvalidParams(
                    f"The {name} must be one of {', '.join(known)}, not {getattr(self, name)!r}.", field=name
                )
