"""What the answers' serializers share: addresses of the present request, and moments in time as text."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, TypeVar

from rest_framework import serializers

from shop_genai.api.links import Links

Row = TypeVar("Row")


class AnswerSerializer(serializers.Serializer, Generic[Row]):
    """One row → plain JSON values. Needs ``context={"links": Links(request)}``."""

    @property
    def links(self) -> Links:
        links: Links = self.context["links"]
        return links

    def to_representation(self, row: Any) -> dict[str, Any]:
        raise NotImplementedError(f"{type(self).__name__} must write its rows by hand")


def moment(value: datetime | None) -> str | None:
    """ISO 8601, with Z for UTC."""
    return None if value is None else value.isoformat().replace("+00:00", "Z")
