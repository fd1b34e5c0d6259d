"""What the try-on's answers look like: examples of the OpenAPI document."""

from __future__ import annotations

from typing import Any

HERE = "https://shop.example/genai/api/v1/tryon/"
PHOTO = {
    "id": "0f9c3f6e-59c1-4a34-8d2c-3c3f6f8f7f10",
    "width": 1200,
    "height": 1600,
    "created": "2026-11-24T04:00:00.123456Z",
    "expires_at": "2026-11-25T04:00:00.123456Z",
    "url": HERE + "photos/0f9c3f6e-59c1-4a34-8d2c-3c3f6f8f7f10/file/?token=eyJyIjoi",
}
QUEUED: dict[str, Any] = {
    "id": "9a4b6f6e-0d1f-4e8b-8b59-2f4f7d3c1a22",
    "url": HERE + "9a4b6f6e-0d1f-4e8b-8b59-2f4f7d3c1a22/",
    "status": "queued",
    "progress": 0.0,
    "queue_position": 1,
    "photo": PHOTO["id"],
    "garment": {"image": "5b0f9a52-6d57-4a63-9d13-2a5b3a3df6a1", "title": "Polo shirt"},
    "category": "upper",
    "tuck": "auto",
    "outer": "replace",
    "backend": "landmark_gan",
    "seed": 0,
    "created": "2026-11-24T04:00:05.123456Z",
    "expires_at": PHOTO["expires_at"],
    "error": None,
    "result": None,
}
WORN: dict[str, Any] = {
    **QUEUED,
    "status": "succeeded",
    "progress": 1.0,
    "queue_position": None,
    "result": {
        "url": HERE + "9a4b6f6e-0d1f-4e8b-8b59-2f4f7d3c1a22/file/?token=eyJyIjoi",
        "before_url": PHOTO["url"],
        "width": 1200,
        "height": 1600,
        "confidence": 0.86,
        "warnings": [
            {"code": "hair_over_garment", "message": "Your hair lies over the garment: its edge may look wrong."}
        ],
        "seconds": {"garment": 0.01, "person": 0.6, "fit": 0.9, "paste": 0.1},
        "expires_at": PHOTO["expires_at"],
    },
}
REFUSED = {
    **QUEUED,
    "status": "failed",
    "queue_position": None,
    "error": {
        "code": "multiple_people",
        "message": "More than one person is seen in this photo.",
        "advice": "Use a photo that shows you alone.",
    },
}
ROOM = {
    "consent": {"version": "1", "text": "Your photo is used for one thing only …", "given_at": PHOTO["created"]},
    "photos": [PHOTO],
    "tryons": [WORN],
    "limits": {
        "photos_left": 49,
        "tryons_left": 49,
        "per_day": 50,
        "seconds": 86400,
        "most_bytes": 31457280,
        "formats": ["JPEG", "PNG", "WEBP"],
    },
    "categories": [{"name": "auto", "label": "As the picture shows"}, {"name": "upper", "label": "Upper body"}],
}
