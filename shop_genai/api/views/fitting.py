"""What all views of the try-on share: who asks, what is theirs, and refusals with advice."""

from __future__ import annotations

import dataclasses
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from shop_genai import tryon
from shop_genai.api.serializers.rendering import moment
from shop_genai.api.serializers.tryon import PhotoSerializer, TryOnSerializer
from shop_genai.api.views.taste import ShopperView
from shop_genai.conf import genai_settings
from shop_genai.errors import ConsentMissing
from shop_genai.models import Shopper, ShopperPhoto, TryOn

SHOWN = 20  # try-ons in one answer


class FittingView(ShopperView):
    """What concerns one shopper's body: no cache keeps it, and refusals come with advice."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers["Cache-Control"] = "private, no-store"
        return final

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        advice = tryon.advice_of(response.data["code"])
        if advice:
            response.data["advice"] = advice
        return response

    def known(self) -> Shopper:
        """The shopper; somebody unknown cannot have agreed.

        Raises:
            ConsentMissing
        """
        shopper = self.shopper()
        if shopper is None:
            raise ConsentMissing(_("No photo is accepted before you have agreed to the text about it."))
        return shopper

    def room(self, shopper: Shopper | None) -> dict[str, Any]:
        given, context = tryon.consented(shopper), {"links": self.links}
        return {
            "consent": {
                "version": genai_settings.TRYON_CONSENT_VERSION,
                "text": tryon.consent_text(),
                "given_at": moment(given.at) if given is not None else None,
            },
            "photos": PhotoSerializer(tryon.photos_of(shopper), many=True, context=context).data,
            "tryons": TryOnSerializer(tryon.tryons_of(shopper)[:SHOWN], many=True, context=context).data,
            "limits": dataclasses.asdict(tryon.limits(shopper)),
            "categories": [{"name": name, "label": label} for name, label in tryon.category_labels()],
        }

    def photo(self, id: UUID) -> ShopperPhoto:
        return get_object_or_404(tryon.photos_of(self.shopper()), pk=id)

    def tryon(self, id: UUID) -> TryOn:
        return get_object_or_404(tryon.tryons_of(self.shopper()), pk=id)
