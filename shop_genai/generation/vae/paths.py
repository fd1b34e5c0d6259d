"""Ways from one z to another, for interpolation between two pictures."""

from __future__ import annotations

import torch
from torch import Tensor


def linear(start: Tensor, end: Tensor, steps: int) -> Tensor:
    """Points at equal distances on the straight line, both ends included: (L,), (L,) → (steps, L).

    In the middle the norm is smaller than that of any likely z: such pictures tend to be blander than both ends.
    """
    share = torch.linspace(0, 1, steps, device=start.device).unsqueeze(1)  # (steps, 1)
    return (1 - share) * start + share * end


def spherical(start: Tensor, end: Tensor, steps: int) -> Tensor:
    """Points at equal angles on the great arc, both ends included: (L,), (L,) → (steps, L).

    Nearly all of a Gaussian's mass in L dimensions lies near the sphere of radius sqrt(L); the arc stays there. Where
    both have (almost) one direction, it is the straight line.

    Source: Shoemake 1985, "Animating Rotation with Quaternion Curves" (slerp); White 2016, "Sampling Generative
    Networks".
    """
    cosine = torch.nn.functional.cosine_similarity(start, end, dim=0).clamp(-1, 1)
    angle = torch.acos(cosine)
    if float(torch.sin(angle)) < 1e-4:
        return linear(start, end, steps)
    share = torch.linspace(0, 1, steps, device=start.device).unsqueeze(1)  # (steps, 1)
    return (torch.sin((1 - share) * angle) * start + torch.sin(share * angle) * end) / torch.sin(angle)
