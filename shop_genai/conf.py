"""One settings namespace, ``SHOP_GENAI``, with one table of defaults.

``from shop_genai.conf import genai_settings`` and read ``genai_settings.LEASE_SECONDS``. Values are looked up at
every read, so ``override_settings`` works in tests. An unknown name in the dict is reported by a system check.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

DEFAULTS: dict[str, Any] = {
    # Where files live: aliases of STORAGES. Catalogue results are public; uploads of persons never are.
    "STORAGE": "default",
    "PRIVATE_STORAGE": "default",
    # Which rows of the shop hold pictures: {"shop.Photo": {"field": "image", "title": "product.title"}}. For training
    # also "label" (what they show) and "group" (what stays in one split; default: the first relation of the title). For
    # taste also "category" (default: the label), "colour", and "product" (default: the first relation of the title).
    "PRODUCT_IMAGES": {},
    "PRODUCT_ADAPTER": "shop_genai.catalogue.ImageFieldAdapter",
    # Uploads. Pixels are counted before decoding; bytes before reading.
    "UPLOAD_FORMATS": ("JPEG", "PNG", "WEBP"),
    "MAX_UPLOAD_BYTES": 30 * 1024 * 1024,
    "MAX_PIXELS": 50_000_000,
    "MIN_SIDE": 16,
    # Renditions of a result, for srcset. Widths above the result's own are left out.
    "RENDITION_WIDTHS": (320, 640, 1024, 1600),
    "RENDITION_FORMATS": ("AVIF", "WEBP", "JPEG"),
    "SIZES": "(max-width: 640px) 100vw, 640px",
    # The queue. Seconds throughout.
    "LEASE_SECONDS": 60,
    "HEARTBEAT_SECONDS": 15,
    "SWEEP_SECONDS": 10,
    "MAX_CRASHES": 3,
    "MAX_RETRIES": 8,
    "BACKOFF_SECONDS": 5,
    "BACKOFF_MAX_SECONDS": 300,
    "DEADLINE_SECONDS": {"interactive": 15 * 60, "bulk": 7 * 24 * 3600},
    # The worker. GRACE_SECONDS: how long after SIGTERM a running batch may go on before its jobs are given back.
    "GRACE_SECONDS": 20,
    "DEVICE": "auto",
    "BATCH_LIMIT": 8,
    "PIPELINE_CACHE": 2,
    # Weights whose licence forbids commercial use are not registered unless the shop says that it may use them.
    "ALLOW_NON_COMMERCIAL_WEIGHTS": False,
    # Taste. What an event weighs, in views; how many days until it weighs half as much.
    "TASTE_WEIGHTS": {"view": 1, "basket": 3, "purchase": 5, "like": 4, "dislike": -4, "search": 1},
    "TASTE_HALF_LIFE_DAYS": {"view": 14, "basket": 30, "purchase": 90, "like": 90, "dislike": 90, "search": 7},
    # A taste from events that weigh n counts n/(n + TASTE_SHRINK). A wanted look lies at most TASTE_RADIUS standard
    # deviations from the mean look of its category.
    "TASTE_SHRINK": 5.0,
    "TASTE_RADIUS": 3.0,
    # Whether workers compute the looks of new pictures by themselves; without looks, all are shown what is popular.
    "TASTE_INDEX": True,
    # The text that shoppers agree to; after a change of it they are asked again. Seconds a browser is known; days that
    # events are kept.
    "TASTE_CONSENT_VERSION": "1",
    "TASTE_COOKIE_AGE": 180 * 24 * 3600,
    "TASTE_EVENTS_KEPT_DAYS": 365,
    # Seconds that pages remember what they recommend to one shopper; an event makes them look again at once.
    "TASTE_CACHE_SECONDS": 300,
    # Try-on. The method where nobody names one; further ones by name: {"path": folder} of a model that the shop put
    # there, or {"url": "https://…", "token": …, "timeout": seconds} of a service, to which shoppers' photos are then
    # sent (docs/tryon.md). Methods whose licence forbids commercial use are refused unless the shop says otherwise.
    "TRYON_BACKEND": "landmark_gan",
    "TRYON_BACKENDS": {},
    "TRYON_ALLOW_NON_COMMERCIAL": False,
    # Which of the shop's categories are garments, and where they are worn: {"t-shirt": "upper", "jeans": "lower"}.
    # Others offer no try-on. Empty: whatever the page's template puts the tag on.
    "TRYON_GARMENTS": {},
    # Shoppers' photos. An alias of STORAGES for them and what is made of them; "": PRIVATE_STORAGE. Seconds until both
    # are deleted by themselves; days that the audit (without pictures) is kept; photos, and try-ons, of one shopper in
    # 24 hours.
    "TRYON_STORAGE": "",
    "TRYON_TTL": 24 * 3600,
    "TRYON_AUDIT_KEPT_DAYS": 365,
    "TRYON_MAX_PER_DAY": 50,
    # What shoppers agree to before a photo is accepted; after a change of the version they are asked again. "": the
    # package's own text, translated. docs/privacy.md says what it must tell.
    "TRYON_CONSENT_VERSION": "1",
    "TRYON_CONSENT_TEXT": "",
    # API. Authentication classes in order; the studio never reads the host's REST_FRAMEWORK.
    "API_AUTHENTICATION": (
        "shop_genai.api.authentication.SessionAuthentication",
        "rest_framework.authentication.BasicAuthentication",
    ),
    "LINK_SECONDS": 300,
    "THROTTLE_RATES": {
        "genai-submit": "120/min",
        "genai-upload": "60/min",
        "genai-event": "240/min",
        "genai-profile": "30/min",
        "genai-tryon": "30/min",
        "genai-tryon-upload": "20/min",
    },
}


class GenaiSettings:
    """Attribute access to ``settings.SHOP_GENAI`` over :data:`DEFAULTS`.

    Raises:
        AttributeError: for a name that is not in the table.
    """

    def __getattr__(self, name: str) -> Any:
        if name not in DEFAULTS:
            raise AttributeError(f"SHOP_GENAI has no setting {name!r}")
        return getattr(settings, "SHOP_GENAI", {}).get(name, DEFAULTS[name])


genai_settings = GenaiSettings()
