"""Batches for the composer, drawn: striped garments on plain people, of which the photo shows more light and shade."""

from __future__ import annotations

from typing import Any

import numpy as np

HEIGHT, WIDTH = 64, 64


def drawn_batch(count: int = 4, seed: int = 0, unpaired: int = 0) -> dict[str, Any]:
    """`count` rows, the last `unpaired` of them without a target inside the region."""
    rng = np.random.default_rng(seed)
    shape = (count, HEIGHT, WIDTH)
    region, alpha, true = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    region[:, 12:56, 8:40] = 255
    alpha[:, 16:48, 12:36] = 255
    true[:, 16:49, 12:36] = 255  # the draft's hem is a little too high
    colour = rng.integers(40, 220, (count, 1, 1, 3))
    stripes = np.where(np.arange(HEIGHT) % 8 < 4, 1.0, 0.7)[None, :, None, None]
    warped = np.broadcast_to(colour * stripes, (*shape, 3)).astype(np.uint8)
    draft = np.broadcast_to(rng.integers(60, 200, (count, 1, 1, 3)), (*shape, 3)).astype(np.uint8)
    shade = np.linspace(0.6, 1.1, WIDTH)[None, None, :, None]
    photo = np.where(true[..., None] > 0, (warped * shade).clip(0, 255), draft * 0.9)
    target = np.where(region[..., None] > 0, photo, draft).astype(np.uint8)
    paired = count - unpaired
    target[paired:] = draft[paired:]
    truth = true.copy()
    truth[:, :, 35:37] = 128
    truth[paired:] = 128
    maps = rng.integers(0, 256, (count, 8, HEIGHT, WIDTH), dtype=np.uint8)
    maps[:, 4] = region  # nothing of it is shown by the photo
    return {
        "draft": draft,
        "warped": warped,
        "alpha": alpha,
        "region": region,
        "maps": maps,
        "target": target,
        "truth": truth,
        "kind": ["self"] * paired + ["unpaired"] * unpaired,
    }
