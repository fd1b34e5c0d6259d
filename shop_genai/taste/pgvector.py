"""The same ranking inside PostgreSQL, where its extension “vector” is installed: no web process holds the matrix.

``manage.py genai_looks --pgvector`` copies the index into two tables of its own, which no migration knows, because a
shop may have no such extension. They carry the stamp of the index: once it has changed, ranking in memory takes over
until the command has run again. The scores are those of ``ranking``, computed over every row, so the order is the same.
Needs no Python package beyond the database driver: vectors travel as text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
from django.db import connections, router, transaction
from django.utils.translation import gettext as _

from shop_genai import looks
from shop_genai.errors import VectorsUnavailable
from shop_genai.models import Look, LookIndex, Weights
from shop_genai.taste import popularity
from shop_genai.taste.space import Entry, Floats, Found, Plan, Space

if TYPE_CHECKING:
    from shop_genai.taste.index import Index

ROWS, SPACES = "shop_genai_look_vectors", "shop_genai_look_spaces"
SPARE = 4  # pictures fetched per product wanted: products have several
CHUNK = 2000  # rows per INSERT

TABLES = f"""
CREATE TABLE IF NOT EXISTS {SPACES} (
    weights bigint PRIMARY KEY, stamp uuid NOT NULL, names jsonb NOT NULL, counts jsonb NOT NULL,
    mean bytea NOT NULL, std bytea NOT NULL, relevance bytea NOT NULL, counted timestamptz
);
CREATE TABLE IF NOT EXISTS {ROWS} (
    weights bigint NOT NULL, image uuid NOT NULL, category integer NOT NULL, product text NOT NULL,
    colour text NOT NULL, age integer NOT NULL, seen boolean NOT NULL, popularity real NOT NULL DEFAULT 0,
    pull vector NOT NULL, white vector NOT NULL, PRIMARY KEY (weights, image)
);
"""
INSERT = f"""
INSERT INTO {ROWS} (weights, image, category, product, colour, age, seen, pull, white)
SELECT %s, row.* FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::text[], %s::int[], %s::boolean[],
    %s::text[]::vector[], %s::text[]::vector[]) AS row
"""  # noqa: S608 - the tables' names are constants
# Rows are picked before their vectors are written as text: that costs more than the score.
SCORED = f"""
SELECT image, product, category, score, popularity, pull::text FROM (
    SELECT v.image, v.product, v.category, v.popularity, v.pull, v.age,
        -(v.pull <#> p.direction) + p.liked - CASE WHEN v.seen THEN p.half ELSE 0 END + %s * v.popularity AS score
    FROM {ROWS} v
    JOIN unnest(%s::int[], %s::text[]::vector[], %s::float8[], %s::float8[]) AS p (number, direction, half, liked)
        ON p.number = v.category
    WHERE v.weights = %s AND NOT v.product = ANY (%s::text[])
    ORDER BY score DESC, v.age LIMIT %s
) scored ORDER BY score DESC, age
"""  # noqa: S608 - as above
POPULAR = f"""
SELECT image, product, category, popularity, popularity, pull::text FROM (
    SELECT * FROM {ROWS} WHERE weights = %s AND category = ANY (%s::int[]) AND NOT product = ANY (%s::text[])
    ORDER BY popularity DESC, age LIMIT %s
) popular ORDER BY popularity DESC, age
"""  # noqa: S608 - as above
NEAREST = f"""
SELECT image, product, category, -(far ^ 2), 0, pull::text FROM (
    SELECT v.image, v.product, v.category, v.pull, v.age, v.white <-> mine.white AS far,
        v.category <> mine.category AS other
    FROM {ROWS} v, (SELECT white, category, product FROM {ROWS} WHERE weights = %s AND image = %s AND seen) mine
    WHERE v.weights = %s AND v.seen AND v.product <> mine.product
    ORDER BY other, far, v.age LIMIT %s
) near ORDER BY other, far, age
"""  # noqa: S608 - as above


@dataclass(frozen=True, eq=False)
class StoredIndex(Space):
    """An index whose looks are rows of PostgreSQL. Every question is one query."""

    alias: str

    def entries(self, images: Iterable[UUID]) -> dict[UUID, Entry]:
        sql = f"SELECT image, category, product, seen, pull::text FROM {ROWS} WHERE weights = %s AND image = ANY (%s)"  # noqa: S608 - a constant
        found = {}
        for image, number, product, seen, pull in self._all(sql, self.weights, list(images)):
            offset = _vector(pull) * self.scale[number] ** 2 if seen else None
            found[image] = Entry(self.names[number], product, offset)
        return found

    def colour_names(self) -> frozenset[str]:
        sql = f"SELECT DISTINCT colour FROM {ROWS} WHERE weights = %s"  # noqa: S608 - a constant
        return frozenset(colour for (colour,) in self._all(sql, self.weights))

    def colour_offset(self, colours: frozenset[str], category: str | None) -> Floats | None:
        sql = f"""
        SELECT category, count(*), avg(pull)::text FROM {ROWS}
        WHERE weights = %s AND seen AND colour = ANY (%s) AND category = ANY (%s) GROUP BY category
        """  # noqa: S608 - a constant
        rows = self._all(sql, self.weights, list(colours), self._numbers(category))
        total = sum(count for _number, count, _mean in rows)
        if not total:
            return None
        summed = sum(count * _vector(mean) * self.scale[number] ** 2 for number, count, mean in rows)
        return np.asarray(summed / total, dtype=np.float32)

    def first(self, plan: Plan | None, count: int, category: str | None, left_out: AbstractSet[str]) -> list[Found]:
        numbers = self._numbers(category)
        if not numbers:
            return []
        self._count_popularity()
        left = sorted(left_out)
        if plan is None:
            return self._of_products(count, lambda limit: self._all(POPULAR, self.weights, numbers, left, limit))
        directions = [_text(plan.direction(number)) for number in numbers]
        half, liked = ([float(values[number]) for number in numbers] for values in (plan.half, plan.liked))
        values = (plan.popular, numbers, directions, half, liked, self.weights, left)
        return self._of_products(count, lambda limit: self._all(SCORED, *values, limit))

    def nearest(self, image: UUID, count: int) -> list[Found]:
        values = (self.weights, image, self.weights)
        return self._of_products(count, lambda limit: self._all(NEAREST, *values, limit))

    def _of_products(self, count: int, fetch: Any) -> list[Found]:
        """The first picture of each product among as many rows as that takes."""
        limit = count * SPARE
        while True:
            rows = fetch(limit)
            chosen: dict[str, Found] = {}
            for image, product, number, score, popular, pull in rows:
                if product not in chosen:
                    found = Found(image, product, self.names[number], float(score), float(popular), _vector(pull))
                    chosen[product] = found
            if len(chosen) >= count or len(rows) < limit:
                return list(chosen.values())[:count]
            limit *= SPARE

    def _count_popularity(self) -> None:
        """Now and then, by whoever comes first: popularity as ``popularity.of`` has it."""
        due = f"""
        UPDATE {SPACES} SET counted = now()
        WHERE weights = %s AND (counted IS NULL OR counted < now() - %s * interval '1 second') RETURNING weights
        """  # noqa: S608 - a constant
        with transaction.atomic(using=self.alias):
            if self._all(due, self.weights, popularity.COUNTED_FOR):
                counted = popularity.counts()
                values = np.log1p(np.array(list(counted.values()), dtype=np.float32)).tolist()
                self._run(f"UPDATE {ROWS} SET popularity = 0 WHERE weights = %s AND popularity > 0", self.weights)  # noqa: S608 - a constant
                self._run(
                    f"UPDATE {ROWS} v SET popularity = c.popularity "  # noqa: S608 - a constant
                    "FROM unnest(%s::uuid[], %s::real[]) AS c (image, popularity) "
                    "WHERE v.weights = %s AND v.image = c.image",
                    list(counted),
                    values,
                    self.weights,
                )

    def _numbers(self, category: str | None) -> list[int]:
        if category is None:
            return list(range(len(self.names)))
        return [self.by_name[category]] if category in self.by_name else []

    def _all(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with connections[self.alias].cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    def _run(self, sql: str, *values: Any) -> None:
        with connections[self.alias].cursor() as cursor:
            cursor.execute(sql, values)


def available(alias: str | None = None) -> bool:
    """Whether looks lie in a PostgreSQL that has the extension, installed in this database or not yet."""
    connection = connections[alias or _alias()]
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")
        return cursor.fetchone() is not None


def create() -> int:
    """Copy the index of the weights in use; returns the number of rows.

    Raises:
        VectorsUnavailable: no PostgreSQL, no extension, or nothing to copy.
    """
    from shop_genai.taste import index  # which asks this module first

    if not available(_alias()):
        raise VectorsUnavailable(_("This needs PostgreSQL with the extension “vector” (pgvector)."))
    weights = looks.weights_in_use()
    stamp = LookIndex.objects.filter(weights=weights).values_list("stamp", flat=True).first()
    if weights is None or stamp is None:
        raise VectorsUnavailable(_("There are no looks yet."))
    space = index.load(weights, stamp)
    if not space.size:
        raise VectorsUnavailable(_("There are no looks yet."))
    return store(space)


def store(space: Index) -> int:
    """Copy an index in memory, in one transaction; returns the number of rows."""
    alias = _alias()
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
        cursor.execute(TABLES)
        cursor.execute(f"DELETE FROM {ROWS}; DELETE FROM {SPACES}")  # noqa: S608 - constants
        white = space.pull * space.scale[space.category]
        for start in range(0, len(space), CHUNK):
            part = slice(start, start + CHUNK)
            cursor.execute(
                INSERT,
                [
                    space.weights,
                    space.images[part],
                    space.category[part].tolist(),
                    space.products[part],
                    space.colours[part],
                    space.age[part].tolist(),
                    space.seen[part].tolist(),
                    [_text(one) for one in space.pull[part]],
                    [_text(one) for one in white[part]],
                ],
            )
        cursor.execute(
            f"INSERT INTO {SPACES} (weights, stamp, names, counts, mean, std, relevance) "  # noqa: S608 - a constant
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [
                space.weights,
                space.stamp,
                json.dumps(space.names),
                json.dumps(space.counts),
                space.mean.astype("<f4").tobytes(),
                space.std.astype("<f4").tobytes(),
                space.relevance.astype("<f4").tobytes(),
            ],
        )
        cursor.execute(f"ANALYZE {ROWS}")
    return len(space)


def opened(weights: Weights, stamp: UUID) -> StoredIndex | None:
    """The index in PostgreSQL; None if it is not there, or older than the looks."""
    alias = _alias()
    connection = connections[alias]
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [SPACES])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(
            f"SELECT names::text, counts::text, mean, std, relevance FROM {SPACES} WHERE weights = %s AND stamp = %s",  # noqa: S608 - a constant
            [weights.pk, stamp],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    names, counts = json.loads(row[0]), json.loads(row[1])
    mean, std = (np.frombuffer(bytes(one), dtype="<f4").reshape(len(names) + 1, -1) for one in row[2:4])
    relevance = np.frombuffer(bytes(row[4]), dtype="<f4")
    return StoredIndex(weights.pk, weights.digest, stamp, names, counts, mean, std, relevance, alias)


def _alias() -> str:
    return router.db_for_write(Look)


def _text(vector: Floats | Sequence[float]) -> str:
    """As pgvector reads it; repr of a float32 is exact."""
    return "[" + ",".join(repr(float(value)) for value in vector) + "]"


def _vector(text: str) -> Floats:
    return np.array(json.loads(text), dtype=np.float32)
