"""Does taste find what shoppers want, and how long does ranking take?

Quality: simulated shoppers, each with a hidden taste for colours and categories. The product of their last event is
hidden with all its events, and every method ranks all products that the shopper does not know yet. Looks are drawn from
a mixture; with ``--data`` also those that the variant network sees in a pack's real photos, with the pack's colours and
categories. Speed: the best 12 of 100,000 products for a shopper of 50 events in a warm process, beside a bare product
of the same matrix with a vector and a full sort of it, in turns in one run.

Without ``DATABASE_URL``: an SQLite file. With a PostgreSQL that has the extension “vector”, it is timed as well.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import _taste_ranking as ranked
from benchmarks import _taste_shoppers as simulated
from benchmarks.pages import machine, shop

GOAL = 20.0  # milliseconds for 100,000 products on two cores
EVENTS = 50  # of the shopper whose ranking is timed
WANTED = 12  # products
SIZE = 32  # numbers in a simulated look
PEER = "bare product and sort"


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write JSON (with a Markdown table beside it) if asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks taste", description=__doc__)
    parser.add_argument("--shoppers", type=int, default=300, help="simulated shoppers (%(default)s)")
    parser.add_argument("--products", type=int, default=2000, help="products that they choose from (%(default)s)")
    parser.add_argument(
        "--ranked", type=int, default=100_000, help="products of which the best are timed (%(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=100, help="of the timing (%(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, metavar="DIR", help="a pack with garment masks: real looks (needs torch)")
    parser.add_argument("--split", default="test", help="of the pack (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    rng = np.random.default_rng(options.seed)
    with shop() as database:
        register()
        goods = {"a mixture": simulated.catalogue(options.products, SIZE, rng)}
        if options.data is not None:
            goods[f"{options.data.name}, {options.split}"] = real_catalogue(options.data, options.split, rng)
        quality = {name: ranked.measure(one, options.shoppers, rng) for name, one in goods.items()}
        sizes = {name: len(one.looks) for name, one in goods.items()}
        speed = timings(options.ranked, options.rounds, rng)
        report = {
            "benchmark": "taste",
            "database": database,
            "machine": machine(),
            "products": sizes,
            "quality": quality,
            "ranked": options.ranked,
            "rounds": options.rounds,
            "milliseconds": speed,
            "ratio": speed["taste"]["cpu"] / speed[PEER]["cpu"],
        }
    text = table(report)
    print(text)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        options.json.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    return 0


def register() -> None:
    """The variant recipe only names the weights here; a shop that has none gets a name."""
    from shop_genai import looks, recipes
    from shop_genai.errors import UnknownRecipe

    try:
        recipes.get(looks.RECIPE)
    except UnknownRecipe:
        enhance = recipes.get("enhance")
        recipes.register(
            recipes.Recipe(
                name=looks.RECIPE, label="Variant", slots=enhance.slots, params=enhance.params, load=enhance.load
            )
        )


def real_catalogue(data: Path, split: str, rng: np.random.Generator) -> simulated.Catalogue:
    """The looks of a pack's photos, with the pack's colours and categories."""
    from benchmarks._variant_pairs import read_photos
    from shop_genai.generation import load

    photos = read_photos(data, split)
    pipeline: Any = load("variant")
    found = []
    for start in range(0, len(photos), 8):
        chunk = photos[start : start + 8]
        seen = pipeline.looks([photo.picture() for photo in chunk], [photo.mask() for photo in chunk])
        found += [(photo, look) for photo, look in zip(chunk, seen, strict=True) if look is not None]
    colours = sorted({photo.colour for photo, _look in found})
    categories = sorted({photo.category for photo, _look in found})
    return simulated.Catalogue(
        looks=np.array([look.vector for _photo, look in found], dtype=np.float32),
        category=np.array([categories.index(photo.category) for photo, _look in found]),
        colour=np.array([colours.index(photo.colour) for photo, _look in found]),
        pull=simulated.pull(len(found), rng),
    )


def timings(count: int, rounds: int, rng: np.random.Generator) -> dict[str, dict[str, float]]:
    """Milliseconds: ranking by a taste, the same in PostgreSQL where it can, and the bare peer.

    ``cpu`` is this process's own time, all threads together: what other programs on the machine cannot slow down.
    """
    from django.utils import timezone

    from shop_genai import looks
    from shop_genai.taste import index, pgvector, profile, ranking, sums

    goods = simulated.catalogue(count, SIZE, rng)
    images = [uuid.UUID(int=number) for number in range(count)]
    weights = looks.weights_in_use()
    assert weights is not None
    packed = goods.looks.astype("<f2")
    rows = (
        (image, vector.tobytes(), f"category {category}", f"product {image.int}", f"colour {colour}")
        for image, vector, category, colour in zip(images, packed, goods.category, goods.colour, strict=True)
    )
    space = index.build(weights, uuid.uuid4(), rows)
    history = [
        sums.Happened(kind, images[at], "", timezone.now())
        for kind, at in zip(rng.choice(simulated.KINDS, EVENTS), rng.integers(0, count, EVENTS), strict=True)
    ]

    def taste_in(where: Any) -> Any:
        summed = sums.add_up(history, where, timezone.now())
        return profile.of_sums(summed.facts, summed.vectors, where)

    def rank(where: Any, mine: Any) -> Callable[[], object]:
        def once() -> object:
            found = ranking.rank(where, mine, WANTED, None, mine.avoided)
            return ranking.causes(where, mine, found)

        return once

    vector = rng.normal(0, 1, SIZE).astype(np.float32)
    kinds: dict[str, Callable[[], object]] = {
        PEER: lambda: peer(space.pull, vector),
        "taste": rank(space, taste_in(space)),
    }
    if pgvector.available():
        pgvector.store(space)
        inside = pgvector.opened(weights, space.stamp)
        assert inside is not None
        kinds["count(*) of the same rows in PostgreSQL"] = lambda: count_rows(pgvector.ROWS)
        kinds["taste, in PostgreSQL"] = rank(inside, taste_in(inside))
    wall: dict[str, list[float]] = {name: [] for name in kinds}
    cpu: dict[str, list[float]] = {name: [] for name in kinds}
    for number in range(rounds + 3):
        for name, once in kinds.items():
            started, used = time.perf_counter(), time.process_time()
            once()
            if number >= 3:  # the first fill caches, as in a warm process
                wall[name].append(1000 * (time.perf_counter() - started))
                cpu[name].append(1000 * (time.process_time() - used))
    return {
        name: {"median": statistics.median(wall[name]), "fastest": min(wall[name]), "cpu": statistics.median(cpu[name])}
        for name in kinds
    }


def peer(matrix: NDArray[np.float32], vector: NDArray[np.float32]) -> NDArray[np.intp]:
    return np.argsort(-(matrix @ vector))[:WANTED]


def count_rows(name: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {name}")  # noqa: S608 - a constant
        return int(cursor.fetchone()[0])


def table(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    lines = ["# Taste: what is found, and how fast", ""]
    for name, methods in report["quality"].items():
        shoppers = next(iter(methods.values()))["shoppers"]
        lines += [
            f"Looks from {name}: {report['products'][name]} products, {shoppers} simulated shoppers, leave one out.",
            "",
            "| ranked by | hit rate@10 | MRR | nDCG@10 |",
            "|---|---|---|---|",
            *(
                f"| {method} | {found['hit_rate']:.3f} | {found['mrr']:.3f} | {found['ndcg']:.3f} |"
                for method, found in methods.items()
            ),
            "",
        ]
    lines += [
        f"The best {WANTED} of {report['ranked']:,} products with their reasons, a shopper of {EVENTS} events, "
        f"{report['rounds']} rounds in turns:",
        "",
        "| | median ms | fastest ms | median ms of CPU time |",
        "|---|---|---|---|",
        *(
            f"| {name} | {taken['median']:.1f} | {taken['fastest']:.1f} | {taken['cpu']:.1f} |"
            for name, taken in report["milliseconds"].items()
        ),
        "",
        f"Taste takes {report['ratio']:.2f} times the bare one's CPU time; ≤ {GOAL:.0f} ms were promised.",
        "",
    ]
    if "taste, in PostgreSQL" in report["milliseconds"]:
        lines += ["The CPU time does not hold that of PostgreSQL's own process.", ""]
    computer = report["machine"]
    lines.append(
        f"{report['database']}, {computer['cores']} cores of {computer['processor']} with load {computer['load']}, "
        f"{os.environ.get('OMP_NUM_THREADS', 'all')} BLAS threads, Python {computer['python']}."
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
