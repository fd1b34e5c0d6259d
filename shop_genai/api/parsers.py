"""JSON that the database can keep: no NUL, no half surrogate, no infinite number, no endless nesting."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework import parsers
from rest_framework.exceptions import ParseError


class JSONParser(parsers.JSONParser):
    """The framework's parser, with a 400 for bodies that would fail later, in a column or in a response.

    Raises:
        ParseError: malformed JSON, or a value that cannot be stored.
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            body = super().parse(stream, media_type, parser_context)
            sound = all(map(_storable, _leaves(body)))
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        if not sound:
            raise ParseError(_("The JSON holds a character or a number that cannot be stored."))
        return body


def _leaves(value: Any) -> Iterator[Any]:
    """Every name and every plain value of a parsed document."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value


def _storable(leaf: Any) -> bool:
    if isinstance(leaf, str):
        return "\x00" not in leaf and not any("\ud800" <= character <= "\udfff" for character in leaf)
    return not isinstance(leaf, float) or math.isfinite(leaf)
