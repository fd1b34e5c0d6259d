"""What shoppers are told: refusals with advice, and warnings about a picture, by their stable codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from shop_genai.conf import genai_settings
from shop_genai.generation.tryon.params import CATEGORIES


@dataclass(frozen=True, slots=True)
class Words:
    """A code with what people read, in the active language."""

    code: str
    message: str
    advice: str = ""


LATER = (_("The picture could not be made."), _("Please try again later."))

# Code → what happened, and what the shopper can do.
REFUSALS: dict[str, tuple[Any, Any]] = {
    "no_person": (
        _("Nobody is seen in this photo."),
        _("Use a photo that shows you from head to hips, from the front, in good light."),
    ),
    "multiple_people": (_("More than one person is seen in this photo."), _("Use a photo that shows you alone.")),
    "not_front_facing": (
        _("In this photo you do not face the camera."),
        _("Use a photo in which you stand facing the camera, with your shoulders straight."),
    ),
    "torso_cut_off": (
        _("Not enough of your body is in this photo."),
        _("Step back: shoulders and hips must be seen, for trousers and dresses the knees too."),
    ),
    "image_too_small": (
        _("You are too small in this photo, or the photo is too small."),
        _("Step closer, or use a photo with more pixels."),
    ),
    "garment_not_found": (
        _("In the picture of this product no garment is found."),
        _("Your photo is fine. Try another product."),
    ),
    "category_unsupported": (
        _("This kind of product cannot be tried on."),
        _("Your photo is fine. Try another product."),
    ),
    "tryon_refused": (_("This garment cannot be put on this photo."), _("Try another photo or another product.")),
    "tryon_limit_reached": (_("That was enough for one day."), _("Please come back tomorrow.")),
    "consent_missing": (
        _("No photo is accepted before you have agreed to the text about it."),
        _("Please read the text and agree, if you want to go on."),
    ),
    "image_too_large": (_("This photo is too large."), _("Send a smaller version of it.")),
    "image_refused": (_("This photo cannot be read."), _("Send another one, as JPEG, PNG or WebP.")),
    "not_an_image": (_("This file is no picture."), _("Send a photo as JPEG, PNG or WebP.")),
    "format_not_allowed": (_("Pictures of this format are not accepted."), _("Send a photo as JPEG, PNG or WebP.")),
    "image_truncated": (_("This photo is incomplete."), _("Send it again, or another one.")),
    "image_animated": (_("This picture moves."), _("Send a photo.")),
    "input_missing": (
        _("The picture of this product was changed or deleted meanwhile."),
        _("Load the page again, and try once more."),
    ),
    "input_changed": (
        _("The picture of this product was changed or deleted meanwhile."),
        _("Load the page again, and try once more."),
    ),
    "cancelled": (_("It was stopped. No picture was made."), _("You can try again at any time.")),
    "deadline_passed": (_("It took too long. No picture was made."), _("Please try again later.")),
    "expired": (_("It took too long. No picture was made."), _("Please try again later.")),
    "storage_unavailable": (_("The shop does not answer as it should."), _("Please try again in a moment.")),
}

WARNINGS: dict[str, Any] = {
    "garment_low_confidence": _("The product's picture is hard to read: the garment's shape may be off."),
    "pose_low_confidence": _("Your posture is hard to see: the garment may sit askew."),
    "arms_cover_garment": _("Your arms are in front of the garment: it may look wrong there."),
    "sleeve_hidden": _("A sleeve is hidden in the product's picture: it is guessed."),
    "hair_over_garment": _("Your hair lies over the garment: its edge may look wrong."),
    "dark_photo": _("Your photo is dark: colours may differ."),
    "small_person": _("You are small in the photo: details are lost. Step closer for a better picture."),
    "inside_collar_guessed": _("The inside of the collar is not seen in the product's picture: it is guessed."),
    "body_guessed": _("Not all of your upper body is in the photo: where its rest lies is guessed."),
    "skin_invented": _("Skin that your photo does not show is invented."),
}


def refusal(code: str) -> Words:
    """Why there is no picture. What only operators can mend is a picture that could not be made."""
    message, advice = REFUSALS.get(code, LATER)
    return Words(code, str(message), str(advice))


def advice_of(code: str) -> str:
    """What a shopper can do about an error of the API; empty if there is nothing to say."""
    return str(REFUSALS[code][1]) if code in REFUSALS else ""


def warning(code: str) -> Words:
    """What may look wrong in a picture. A backend of the shop's own may have codes without words."""
    return Words(code, str(WARNINGS.get(code, _("Something in this picture may look wrong."))))


def category_labels() -> list[tuple[str, str]]:
    """What can be tried on: names with labels. With ``TRYON_GARMENTS`` only what the shop has."""
    labels = {
        "auto": _("As the picture shows"),
        "upper": _("Upper body"),
        "lower": _("Trousers, shorts, skirts"),
        "dress": _("Dresses"),
    }
    has = set(genai_settings.TRYON_GARMENTS.values())
    return [
        (name, str(labels[name])) for name in CATEGORIES if not has or name == "auto" or name in has or "auto" in has
    ]
