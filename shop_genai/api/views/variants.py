"""Variants: those that are approved, for everybody; new ones, for who may generate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from shop_genai import ledger, storefront, variants
from shop_genai.api import references
from shop_genai.api.permissions import inputs_for, jobs_for, staff_may
from shop_genai.api.schema import problems_of_signed_in
from shop_genai.api.serializers.jobs import SubmittedSerializer
from shop_genai.api.serializers.variants import (
    SubmittedVariantsSerializer,
    VariantQuerySerializer,
    VariantRequestSerializer,
    VariantSerializer,
    VariantsSerializer,
)
from shop_genai.api.views.jobs import EXAMPLE as JOB
from shop_genai.api.views.taste import ShopperView
from shop_genai.errors import InvalidInputs, InvalidParams, NotAllowed
from shop_genai.models import ProductImage, Shopper
from shop_genai.submission import Submitted

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PATH = "/genai/api/v1/variants/"
# The names of a job's parameters and inputs in this request, where they differ.
FIELDS = {"colour": "colours", "stocked": "stocked_only", "image": "images"}
IMAGE = "5b0f9a52-6d57-4a63-9d13-2a5b3a3df6a1"
EXAMPLE = {
    "id": "0d7f6c1e-3a52-4a0b-9c2b-7a64a3f5a9d4",
    "image": IMAGE,
    "colour": "navy",
    "colour_hex": "#1d2c4d",
    "preview": True,
    "file": "https://shop.example/media/genai/results/3f/3f0c/full-9d1c.jpg",
    "width": 1280,
    "height": 960,
    "renditions": [
        {
            "format": "WEBP",
            "width": 640,
            "height": 480,
            "bytes": 41234,
            "url": "https://shop.example/media/genai/results/3f/3f0c/w640-77ab.webp",
        }
    ],
    "created": "2026-11-24T04:00:02.654321Z",
}
SUBMITTED = {
    **JOB,
    "recipe": "variant",
    "params": {"target": "colour", "colour": "navy", "strength": 1.0, "stocked": "red, white"},
    "deduplicated": False,
}


class VariantListView(ShopperView):
    throttle_scopes = {"POST": "genai-submit"}

    def get_permissions(self) -> Any:
        """Everybody may look; who submits has to be somebody."""
        return [IsAuthenticated()] if self.request.method == "POST" else super().get_permissions()

    @extend_schema(
        operation_id="variants_list",
        summary="List approved variants",
        parameters=[VariantQuerySerializer],
        responses={200: VariantsSerializer, **problems_of_signed_in(PATH, "invalid_request")},
        examples=[
            OpenApiExample("one variant", value={"results": [EXAMPLE]}, response_only=True, status_codes=["200"])
        ],
    )
    def get(self, request: Request) -> Response:
        """Of pictures or products of the catalogue, for everybody; nearest to the taste of whoever asks first."""
        query = VariantQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        objects = references.find_all(query.validated_data["image"])
        storefront.find_variants(objects)
        shopper, count = self.shopper(), query.validated_data["count"]
        found = [one for obj in objects for one in storefront.variants_of(obj, shopper, count)]
        rows = VariantSerializer(found, many=True, context={"links": self.links}).data
        return Response({"results": rows})

    @extend_schema(
        operation_id="variants_submit",
        summary="Make variants",
        request=VariantRequestSerializer,
        responses={
            202: OpenApiResponse(SubmittedVariantsSerializer, description="Queued, at least one of them anew."),
            200: OpenApiResponse(SubmittedVariantsSerializer, description="Earlier jobs answer all of it."),
            **problems_of_signed_in(
                PATH,
                "invalid_request",
                "malformed_request",
                "permission_denied",
                "csrf_failed",
                "taste_unknown",
                "body_too_large",
                "unsupported_media_type",
                "invalid_params",
                "invalid_inputs",
                "throttled",
            ),
        },
        examples=[
            OpenApiExample(
                "two colours",
                value={"images": [IMAGE], "target": "colour", "colours": ["navy", "#a03020"]},
                request_only=True,
            ),
            OpenApiExample("queued", value={"jobs": [SUBMITTED]}, response_only=True, status_codes=["202"]),
            OpenApiExample(
                "there already",
                value={"jobs": [{**SUBMITTED, "deduplicated": True}]},
                response_only=True,
                status_codes=["200"],
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """One job for each picture and look: all of them are queued, or none is. Results wait for review.

        Catalogue pictures need the permission `enhance_productimage`; your own uploads need none.
        """
        form = VariantRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        try:
            submitted = self._submit(asked)
        except (InvalidParams, InvalidInputs) as error:
            field = str(error.details.get("field", ""))
            error.details["path"] = FIELDS.get(field, field)
            raise
        status = 202 if any(one.created for one in submitted) else 200
        return Response({"jobs": self._jobs(submitted)}, status=status)

    def _submit(self, asked: dict[str, Any]) -> list[Submitted]:
        user = cast("User", self.request.user)
        chosen = dict(enumerate(dict.fromkeys(asked["images"])))
        images = inputs_for(user, {f"images.{number}": pk for number, pk in chosen.items()})
        appearance: ProductImage | None = None
        if asked["appearance"] is not None:
            appearance = inputs_for(user, {"appearance": asked["appearance"]})["appearance"]
        return variants.submit(
            images.values(),
            target=asked["target"],
            count=asked["count"],
            strength=asked["strength"],
            seed=asked["seed"],
            colours=asked["colours"],
            shopper=self._whose(asked["shopper"]) if asked["target"] == variants.SHOPPER else None,
            appearance=appearance,
            stocked_only=asked["stocked_only"],
            owner=user,
            lane=asked["lane"],
        )

    def _whose(self, key: UUID | None) -> Shopper | None:
        """The shopper whose taste is meant.

        Raises:
            NotAllowed: somebody else's, and the user may not view shoppers.
            InvalidInputs: there is no such shopper.
        """
        mine = self.shopper()
        if key is None or (mine is not None and mine.key == key):
            return mine
        if not staff_may(self.request.user, "view_shopper"):
            raise NotAllowed(_("You may not use other people's taste."))
        found = Shopper.objects.filter(key=key).first()
        if found is None:
            raise InvalidInputs(_("There is no such shopper."), field="shopper")
        return found

    def _jobs(self, submitted: list[Submitted]) -> list[dict[str, Any]]:
        rows = jobs_for(self.request.user).using(ledger.write_alias())
        jobs = rows.in_bulk([one.job.pk for one in submitted])
        return [
            SubmittedSerializer(jobs[one.job.pk], context={"links": self.links, "deduplicated": not one.created}).data
            for one in submitted
        ]
