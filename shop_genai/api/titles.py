"""One short title for each stable error code: what a problem is called, in the reader's language."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TITLES: Final[dict[str, str | Promise]] = {
    # The request
    "bad_request": _("Bad request"),
    "malformed_request": _("The request could not be read"),
    "invalid_request": _("Some fields are not valid"),
    "invalid_cursor": _("Invalid page cursor"),
    "invalid_idempotency_key": _("Invalid Idempotency-Key"),
    "idempotency_conflict": _("Idempotency-Key used for another request"),
    "unknown_recipe": _("Unknown recipe"),
    "invalid_params": _("Invalid parameters"),
    "invalid_inputs": _("Invalid input images"),
    "body_too_large": _("Request too large"),
    "not_authenticated": _("Please sign in"),
    "authentication_failed": _("Sign-in failed"),
    "csrf_failed": _("CSRF check failed"),
    "permission_denied": _("Not allowed"),
    "link_invalid": _("Invalid or expired link"),
    "not_found": _("Not found"),
    "method_not_allowed": _("Method not allowed"),
    "not_acceptable": _("Format not available"),
    "unsupported_media_type": _("Unsupported content type"),
    "wrong_state": _("Not possible in this state"),
    "taste_unknown": _("Taste unknown"),
    "vectors_unavailable": _("The database cannot rank"),
    "throttled": _("Too many requests"),
    # Pictures
    "image_refused": _("Image refused"),
    "not_an_image": _("Not an image"),
    "format_not_allowed": _("Image format not allowed"),
    "image_truncated": _("Incomplete image"),
    "image_too_large": _("Image too large"),
    "image_too_small": _("Image too small"),
    "image_animated": _("Animated image"),
    "product_not_found": _("No product found"),
    # Try-on
    "tryon_refused": _("Try-on not possible"),
    "no_person": _("Nobody in the photo"),
    "multiple_people": _("Several people in the photo"),
    "not_front_facing": _("Not facing the camera"),
    "torso_cut_off": _("Upper body cut off"),
    "garment_not_found": _("No garment found"),
    "category_unsupported": _("Kind of garment not supported"),
    "consent_missing": _("Consent missing"),
    "tryon_limit_reached": _("Enough for one day"),
    "weights_not_commercial": _("Licence forbids commercial use"),
    "backend_unavailable": _("Try-on method not available"),
    "extra_missing": _("Optional package missing"),
    # Files
    "input_missing": _("Image file missing"),
    "input_changed": _("Image file changed"),
    # Weights, devices, workers
    "weights_error": _("Weights unusable"),
    "weights_missing": _("Weights missing"),
    "weights_tampered": _("Weights damaged"),
    "weights_unsupported": _("Unknown kind of weights"),
    "weights_other_recipe": _("Weights of another recipe"),
    "weights_licence_refused": _("Licence of the weights refused"),
    "weights_unmeasured": _("Weights not measured"),
    "weights_not_comparable": _("Weights not comparable"),
    "weights_not_better": _("Weights not better"),
    "nothing_to_roll_back": _("Nothing to roll back to"),
    "light_unavailable": _("Light repair not available"),
    "torch_missing": _("PyTorch missing"),
    "out_of_memory": _("Out of memory"),
    "pipeline_failed": _("Generation failed"),
    "worker_crashed": _("Worker crashed"),
    # Services and the queue
    "service_unavailable": _("Service unavailable"),
    "database_unavailable": _("Database unavailable"),
    "storage_unavailable": _("Storage unavailable"),
    "broker_unavailable": _("Message broker unavailable"),
    "not_ready": _("Not ready"),
    "lease_lost": _("Lease lost"),
    "cancelled": _("Cancelled"),
    "deadline_passed": _("Deadline passed"),
    "internal_error": _("Internal error"),
}


def title_of(code: str, status: int = 0) -> str:
    """The title of a code; for a code of a third party the HTTP status' own phrase, or the code itself."""
    if code in TITLES:
        return str(TITLES[code])
    if status:
        return HTTPStatus(status).phrase
    return code.replace("_", " ").capitalize()
