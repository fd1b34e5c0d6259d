"""What a search asks for: the words of a query that name a category of the shop, or colours that it has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_WORD = re.compile(r"\w+", re.UNICODE)
_TSHIRT = re.compile(r"\bt[\s-]?shirts?\b")


@dataclass(frozen=True)
class Understood:
    """``category`` and ``colours`` as the catalogue calls them; None and empty where the query names none."""

    category: str | None = None
    colours: frozenset[str] = frozenset()


def understood(query: str, categories: Iterable[str], colours: Iterable[str]) -> Understood:
    """The longest category whose words all occur in the query, in singular or plural, and all its colours.

    Args:
        query: what somebody typed.
        categories: those of the catalogue.
        colours: those of the catalogue; “white/navy” is asked for by either word.
    """
    asked = _words(query)
    named = [name for name in categories if name and _occurs(name, query, asked)]
    category = max(named, key=lambda name: (len(name), name), default=None)
    meant = _meant(query)
    own = (name for name in set(colours) if name)
    return Understood(category, frozenset(n for n in own if _meant(n) & meant or _occurs(n, query, asked)))


def _meant(text: str) -> set[str]:
    """The colours that the variant network's own list of names finds in a text, in English or Chinese."""
    from shop_genai.generation.variant import colours  # plain Python, but inside the package of the networks

    return set(colours.read(text).names)


def _occurs(name: str, query: str, asked: set[str]) -> bool:
    if not name.isascii() and name.casefold() in query.casefold():
        return True  # Chinese and its like put no spaces between words
    wanted = _words(name)
    return bool(wanted) and wanted <= asked


def _words(text: str) -> set[str]:
    """The words in lower case and singular; “t-shirt”, “T shirts” and “tshirt” are the same."""
    return {_singular(word) for word in _WORD.findall(_TSHIRT.sub("tshirt", text.casefold()))}


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
