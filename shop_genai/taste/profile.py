"""A shopper's taste in the latent space of the variant network, computed from the events and kept as a profile.

With S_c = Σ w (a − μ_c) and n_c = Σ |w| over the events of category c, S and n over all events, and k = TASTE_SHRINK:

    t   = S / (n + k)                    the taste overall: the mean, shrunk by n / (n + k) towards none
    t_c = (S_c + k t) / (n_c + k)        in a category: its own mean, shrunk by n_c / (n_c + k) towards t
    a'  = μ_c + clip(t_c)                the look that variants aim at, at most TASTE_RADIUS from μ_c

The distance is the Mahalanobis distance with the standard deviations of the category's looks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import router
from django.utils import timezone

from shop_genai import looks
from shop_genai.conf import genai_settings
from shop_genai.models import Event, Shopper, TasteProfile

if TYPE_CHECKING:
    from shop_genai.taste.space import Space

FRESH = timedelta(hours=6)  # weights fade: an older profile is computed anew
MOST_EVENTS = 2000  # the newest count


@dataclass(frozen=True)
class Taste:
    """What a shopper likes. ``vectors`` and ``overall`` are distances from the mean look, shrunk, not yet clipped.

    ``weights`` is the digest of the network whose latent space this is; empty without an index of looks. ``n`` is what
    all events weigh together, in fresh views. ``interest`` says per category what its events weigh, dislikes negative.
    ``strongest`` are the events that weigh most: (weight, picture, query, kind, category).
    """

    weights: str = ""
    vectors: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    overall: tuple[float, ...] = ()
    n: float = 0.0
    counts: Mapping[str, float] = field(default_factory=dict)  # n_c
    interest: Mapping[str, float] = field(default_factory=dict)
    strongest: tuple[tuple[float, str, str, str, str | None], ...] = ()
    avoided: frozenset[str] = frozenset()  # keys of products that were bought or disliked
    space: Space | None = field(default=None, repr=False, compare=False)

    @property
    def empty(self) -> bool:
        """Whether nothing is known: no events, no consent, or no index of looks."""
        return self.n == 0.0 and not self.interest

    def direction(self, category: str) -> tuple[float, ...]:
        """t_c, clipped: where from the mean look of a category the shopper's taste lies."""
        vector = self.vectors.get(category, self.overall)
        if self.space is None or not vector:
            return vector
        std = self.space.std[self.space.number(category)]
        far = math.sqrt(sum((t / float(s)) ** 2 for t, s in zip(vector, std, strict=True)))
        radius = float(genai_settings.TASTE_RADIUS)
        return vector if far <= radius else tuple(t * radius / far for t in vector)

    def target(self, category: str) -> tuple[float, ...]:
        """a′: the look in a category that variants for this shopper aim at; empty without an index of looks."""
        if self.space is None:
            return ()
        mean = self.space.mean[self.space.number(category)]
        direction = self.direction(category) or (0.0,) * len(mean)
        return tuple(float(m) + t for m, t in zip(mean, direction, strict=True))


NONE = Taste()


def taste_of(shopper: Shopper | None) -> Taste:
    """The shopper's taste today; empty for nobody, without consent, without events, and without an index of looks.

    Costs three short queries while the profile is fresh.
    """
    if shopper is None or not shopper.consents:
        return NONE
    weights = looks.weights_in_use()
    if weights is None:
        return NONE
    from shop_genai.taste import index as indexes  # numpy

    index = indexes.current(weights)
    return NONE if index is None else taste_in(shopper, index)


def taste_in(shopper: Shopper, space: Space) -> Taste:
    """The taste of a shopper who consents, in the space of an space; from the profile if that is fresh."""
    import numpy as np

    row = TasteProfile.objects.filter(shopper=shopper, weights=space.weights).first()
    version = Shopper.objects.filter(pk=shopper.pk).values_list("version", flat=True).first()
    now = timezone.now()
    if (
        row is None
        or version is None
        or (row.version, row.stamp) != (version, space.stamp)
        or not now - FRESH < row.updated <= now
    ):
        row = _rebuild(shopper, version, space)
    if row is None:
        return Taste(weights=space.digest, space=space)
    vectors = np.frombuffer(bytes(row.vectors), dtype="<f4").reshape(-1, space.size)
    return of_sums(row.facts, vectors, space)


def _rebuild(shopper: Shopper, version: int | None, space: Space) -> TasteProfile | None:
    """Sum the events up and keep the sums; None if the shopper is gone.

    ``version`` was read before the events: if one comes in meanwhile, the profile is older than the shopper's version
    and the next reader computes it again. So of two writers neither can lose anything.
    """
    from shop_genai.taste import sums

    if version is None:
        return None
    now = timezone.now()
    oldest = now - timedelta(days=genai_settings.TASTE_EVENTS_KEPT_DAYS)
    rows = Event.objects.filter(shopper=shopper, at__gte=oldest, at__lte=now).order_by("-at", "-pk")
    listed = rows.values_list("kind", "image_id", "query", "at")[:MOST_EVENTS]
    summed = sums.add_up((sums.Happened(*one) for one in listed), space, now)
    values = {
        "version": version,
        "stamp": space.stamp,
        "vectors": summed.vectors.astype("<f4").tobytes(),
        "facts": summed.facts,
        "updated": now,
    }
    alias = router.db_for_write(TasteProfile)
    if summed.facts["events"] == 0:
        TasteProfile.objects.using(alias).filter(shopper=shopper).delete()
        return None
    row, _made = TasteProfile.objects.using(alias).update_or_create(
        shopper=shopper, weights_id=space.weights, defaults=values
    )
    return row


def of_sums(facts: Mapping[str, Any], summed: Any, space: Space) -> Taste:
    """The formulas above. ``facts`` and ``summed`` (categories + 1, d) as ``sums.add_up`` makes them."""
    k = float(genai_settings.TASTE_SHRINK)
    counts = dict(zip(facts["categories"], facts["weights"], strict=True))
    n = sum(counts.values()) + facts["loose"]
    overall = summed.sum(axis=0) / (n + k) if n + k > 0 else summed.sum(axis=0)
    vectors = {}
    for row, (category, count) in enumerate(counts.items()):
        vectors[category] = tuple(((summed[row] + k * overall) / (count + k)).tolist())
    return Taste(
        weights=space.digest,
        vectors=vectors,
        overall=tuple(overall.tolist()),
        n=n,
        counts=counts,
        interest=facts["interest"],
        strongest=tuple((one[0], one[1], one[2], one[3], one[4]) for one in facts["strongest"]),
        avoided=frozenset(facts["avoided"]),
        space=space,
    )
