"""What a pipeline's caller gave as parameters → one dataclass for each picture. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from shop_genai.errors import InvalidParams

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

P = TypeVar("P", bound="DataclassInstance")
Given: TypeAlias = P | Mapping[str, Any]  # the dataclass itself, or the values of its fields


def one_each(name: str, kind: type[P], params: Given[P] | Sequence[Given[P]], count: int) -> list[P]:
    """Parameters for each of `count` pictures, from one for all or one each.

    Args:
        name: the pipeline's, for what a refusal says.
        kind: its params dataclass, which checks itself.

    Raises:
        InvalidParams: there are more or fewer, or one of them is not what the pipeline takes.
    """
    several = list(params) if isinstance(params, Sequence) else [params] * count
    if len(several) != count:
        raise InvalidParams(f"{count} pictures came with {len(several)} sets of parameters.", field="params")
    return [_from_mapping(name, kind, one) if isinstance(one, Mapping) else one for one in several]


def _from_mapping(name: str, kind: type[P], values: Mapping[str, Any]) -> P:
    unknown = sorted(values.keys() - {field.name for field in fields(kind)})
    if unknown:
        raise InvalidParams(f"{name} has no parameter “{unknown[0]}”.", field=unknown[0])
    return kind(**values)
