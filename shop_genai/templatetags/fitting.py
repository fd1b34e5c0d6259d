"""What the template of the try-on needs: the garment, the API's address, and every word that the script says."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shop_genai import recipes, storefront
from shop_genai.conf import genai_settings
from shop_genai.storefront import Wearable

RECIPE = "tryon"
COUNTED = "genai_tryons"
TUCKED = ("upper", "auto")  # what has a hem that can be tucked in
SCRIPTS = tuple(f"shop_genai/{name}.js" for name in ("compare", "tryon-photo", "tryon-server", "tryon"))


def garment_of(obj: Any, category: str | None, title: str | None) -> Wearable | None:
    """What can be tried on here; None where the studio has no try-on, or the shop's row shows no garment."""
    if all(recipe.name != RECIPE for recipe in recipes.all_recipes()):
        return None
    found = storefront.wearable(obj, category)
    return Wearable(found.reference, found.category, title) if found and title else found


def count(request: HttpRequest | None) -> int:
    """Which widget of the page the next one is, from 1; templates that are rendered without a request hold one."""
    number: int = getattr(request, COUNTED, 0) + 1
    if request is not None:
        setattr(request, COUNTED, number)  # a template's own context does not reach what it includes
    return number


def values(garment: Wearable, number: int, label: str | None) -> dict[str, Any]:
    """The template's context.

    Args:
        number: which widget of the page this is, from 1; the first brings style and scripts along.
        label: what the button says.
    """
    identifier = f"genai-tryon-{number}"
    return {
        "id": identifier,
        "words_id": f"{identifier}-words",
        "first": number == 1,
        "garment": garment,
        "label": label or _("Try it on"),
        "language": get_language() or "",
        "api": reverse("shop_genai:tryon"),
        "accept": ",".join(f"image/{name.lower()}" for name in genai_settings.UPLOAD_FORMATS),
        "tucks": garment.category in TUCKED,
        "file_name": "try-on",
        "scripts": SCRIPTS,
        "words": words(),
    }


def words() -> dict[str, str]:
    """What the script says, in the reader's language. ``%s`` stands for a number or a time."""
    return {
        "agree": _("Please tick the box first: without your consent no photo is accepted."),
        "unsent": _("Not sent yet: that happens when you press “Try it on”."),
        "kept": _("Kept until %s at the latest, then deleted by itself."),
        "unreadable": _("This file cannot be shown as a picture. Please choose a JPEG, PNG or WebP."),
        "camera": _("The camera cannot be used here. Please allow it in your browser, or choose a photo."),
        "seconds": _("The photo is taken in %s…"),
        "sending": _("Your photo is being sent…"),
        "queued": _("In the queue, place %s."),
        "working": _("The garment is being put on…"),
        "done": _("Your picture is there. Move the line to compare."),
        "failed": _("No picture could be made. Please try again."),
        "cancelled": _("Stopped. No picture was made."),
        "deleted": _("Your photo, and every picture made of it, is deleted."),
        "gone": _("That photo is deleted again."),
        "withdrawn": _("Your consent is withdrawn, and everything is deleted."),
        "lost": _("The shop does not answer. Check your connection and try again."),
    }
