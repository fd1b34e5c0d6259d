"""Trousers, shorts and skirts of every cut, drawn up at random."""

from __future__ import annotations

import numpy as np

from .cuts import SIDES, Patch, Pattern, Rng, bowed, smooth


def trousers(rng: Rng) -> Pattern:
    """Trousers and shorts."""
    u = rng.uniform
    waist, rise = u(15, 23), u(20, 33)
    hip, hip_at = waist * u(1.02, 1.4), u(0.45, 0.85) * rise
    shorts = u() < 0.45
    leg = u(3, 28) if shorts else u(40, 84)
    hem = hip * (u(0.4, 0.62) if shorts else u(0.22, 0.5))  # half of a leg's end
    pattern = Pattern("lower", "none")
    marks, patches = pattern.landmarks, pattern.patches
    marks["crotch"] = np.array([u(-0.6, 0.6), rise])
    sag, back = u(0.3, 4.5), u(-1, 1)
    legs = []
    for side, sign in SIDES:
        jitter = rng.normal(0, 0.5, (4, 2))
        spread = np.tan(np.radians(u(-2, 16) if u() < 0.85 else u(-9, 26)))
        centre = max(hip * 0.5 + spread * leg, hem * u(0.95, 1.1) if u() < 0.8 else hem * 0.6)
        tilt = np.radians(rng.normal(-3, 8)) * sign
        across = np.array([np.cos(tilt), np.sin(tilt)]) * hem * sign
        end = np.array([sign * centre, rise + leg])
        marks[f"waist_{side}"] = np.array([sign * waist, 0.0]) + jitter[0]
        marks[f"hip_{side}"] = np.array([sign * hip, hip_at]) + jitter[1]
        marks[f"hem_outer_{side}"], marks[f"hem_inner_{side}"] = end + across + jitter[2], end - across + jitter[3]
        knee = u(-3, 3) if not shorts else u(-1, 1)
        outer = smooth([marks[f"waist_{side}"], marks[f"hip_{side}"], marks[f"hem_outer_{side}"]], knee * sign)
        inner = bowed(marks[f"hem_inner_{side}"], marks["crotch"], -sign * u(-2, 2))
        edge = np.array([sign * -1.5, 0.0])
        legs.append(Patch(np.concatenate([[edge], outer, inner, [[sign * -1.5, rise - 2]]]), u(0.94, 1.06)))
        legs.append(Patch(inner, u(0.4, 0.85), "line", u(0.3, 0.9)))
        if u() < 0.6:
            band = np.stack([marks[f"hem_outer_{side}"], marks[f"hem_inner_{side}"]]) - [0, u(1.5, 6)]
            legs.append(Patch(band, u(0.6, 0.95), "line", u(0.2, 0.5)))
        if u() < 0.6:  # a pocket
            pocket = np.stack([[sign * waist * u(0.5, 0.8), 3.5], [sign * hip * 0.97, hip_at * u(0.5, 0.9) + 3]])
            legs.append(Patch(bowed(pocket[0], pocket[1], sign * u(-3, 1)), u(0.5, 0.9), "line", u(0.2, 0.5)))
    patches += legs[::1] if u() < 0.5 else [*legs[len(legs) // 2 :], *legs[: len(legs) // 2]]
    _waistband(pattern, sag, back, rng)
    if u() < 0.75:  # the fly
        patches.append(Patch(np.array([[0, sag], [u(-0.5, 0.5), rise]]), u(0.5, 0.9), "line", u(0.2, 0.6)))
    return pattern


def skirt(rng: Rng) -> Pattern:
    u = rng.uniform
    waist, long = u(14, 24), u(24, 50) if u() < 0.6 else u(45, 95)
    hip, hip_at = waist * u(1.05, 1.4), min(u(12, 22), 0.6 * long)
    hem = min(hip * (u(0.85, 1.3) if u() < 0.5 else u(1.2, 2.4)), hip + 0.45 * long)
    pattern = Pattern("skirt", "none")
    marks = pattern.landmarks
    sides = []
    for side, sign in SIDES:
        jitter = rng.normal(0, 0.5, (3, 2))
        marks[f"waist_{side}"] = np.array([sign * waist, 0.0]) + jitter[0]
        marks[f"hip_{side}"] = np.array([sign * hip, hip_at]) + jitter[1]
        marks[f"hem_{side}"] = np.array([sign * hem, long - (hem - hip) * u(0, 0.25)]) + jitter[2]
        sides.append(smooth([marks[f"waist_{side}"], marks[f"hip_{side}"], marks[f"hem_{side}"]]))
    hem_line = bowed(marks["hem_left"], marks["hem_right"], u(-1, 8) if hem > 1.2 * hip else u(-2, 3))
    if u() < 0.3:  # folds end in a wavy hem
        hem_line[:, 1] += u(0.3, 1.6) * np.sin(np.linspace(0, u(3, 9) * 2 * np.pi, len(hem_line)))
    pattern.patches.append(Patch(np.concatenate([sides[0], hem_line, sides[1][::-1]])))
    for share in rng.uniform(-0.9, 0.9, int(rng.integers(0, 9))):  # pleats
        pleat = np.array([[share * waist, 3.0], [share * hem, long * u(0.6, 1)]])
        pattern.patches.append(Patch(pleat, u(0.6, 0.95), "line", u(0.3, 1)))
    for share in rng.uniform(0.3, 0.9, int(rng.integers(0, 3))):  # tiers
        half = (hip + (hem - hip) * share) * 0.97
        pattern.patches.append(
            Patch(np.array([[-half, long * share], [half, long * share]]), u(0.5, 0.95), "line", u(0.3, 1))
        )
    _waistband(pattern, u(0.2, 3.5), u(-1, 1), rng)
    return pattern


def _waistband(pattern: Pattern, sag: float, back: float, rng: Rng) -> None:
    """The front's upper edge sags below the back's, whose inner side is seen between."""
    u = rng.uniform
    right, left = pattern.landmarks["waist_right"], pattern.landmarks["waist_left"]
    upper, lower = bowed(right, left, back), bowed(right, left, sag * 2)
    if u() < 0.65:
        pattern.patches.append(Patch(np.concatenate([upper, lower[::-1]]), u(0.4, 0.95), "inside"))
        pattern.patches.append(Patch(lower, u(0.4, 0.9), "line", u(0.2, 0.6)))
        if u() < 0.4:
            y = (upper[6, 1] + lower[6, 1]) / 2
            corners = np.array([[-2, -0.7], [2, -0.7], [2, 0.7], [-2, 0.7]]) * u(0.6, 1.2) + [u(-2, 2), y]
            pattern.patches.append(Patch(corners, u(0.3, 2), "mark"))
    else:
        pattern.patches.append(Patch(np.concatenate([upper, lower[::-1]]), 1.0))
    if u() < 0.8:
        pattern.patches.append(Patch(lower + np.array((0, u(2, 5))), u(0.5, 0.95), "line", u(0.2, 0.6)))
