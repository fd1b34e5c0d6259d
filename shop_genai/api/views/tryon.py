"""For shoppers, signed in or not: consent, a photo, a garment on it, and deleting it all."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from shop_genai import media, taste, tryon
from shop_genai.api import references, signatures
from shop_genai.api.files import picture
from shop_genai.api.schema import problems, problems_of_signed_in
from shop_genai.api.serializers.tryon import (
    FittingRoomSerializer,
    PhotoSerializer,
    TryOnConsentRequestSerializer,
    TryOnRequestSerializer,
    TryOnSerializer,
    TryOnUploadSerializer,
)
from shop_genai.api.views.fitting import FittingView
from shop_genai.api.views.images import FRAMING_BYTES
from shop_genai.api.views.results import LinkInvalid
from shop_genai.api.views.studio import AnyFormatNegotiation
from shop_genai.api.views.tryon_examples import PHOTO, QUEUED, REFUSED, ROOM, WORN
from shop_genai.conf import genai_settings
from shop_genai.errors import InvalidInputs
from shop_genai.models import GeneratedImage, Shopper, TryOn

PATH = "/genai/api/v1/tryon/"
POLL_SECONDS = 1
BODY = ("invalid_request", "malformed_request", "csrf_failed", "body_too_large", "unsupported_media_type", "throttled")
ID = OpenApiParameter("id", UUID, OpenApiParameter.PATH)
TOKEN = OpenApiParameter("token", str, OpenApiParameter.QUERY, required=True, description="From an answer's address.")
RETRY_AFTER = OpenApiParameter(
    "Retry-After",
    int,
    OpenApiParameter.HEADER,
    response=[200, 202],
    description="Seconds to wait before asking again; absent once it is over.",
)


def _answer(name: str, value: Any, status: str = "200") -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=[status])


class TryOnListView(FittingView):
    throttle_scopes = {"POST": "genai-tryon"}

    @extend_schema(
        operation_id="tryon_room",
        summary="Where the shopper stands",
        responses={200: FittingRoomSerializer, **problems_of_signed_in(PATH)},
        examples=[_answer("somebody who agreed", ROOM)],
    )
    def get(self, request: Request) -> Response:
        """The text to agree to, the shopper's own photos and try-ons, and what is left for today."""
        return Response(self.room(self.shopper()))

    @extend_schema(
        operation_id="tryon_submit",
        summary="Try a garment on",
        parameters=[RETRY_AFTER],
        request=TryOnRequestSerializer,
        responses={
            202: OpenApiResponse(TryOnSerializer, description="Queued, or known from an identical request."),
            **problems_of_signed_in(
                PATH,
                *BODY,
                "consent_missing",
                "input_missing",
                "invalid_inputs",
                "invalid_params",
                "category_unsupported",
                "garment_not_found",
                "tryon_limit_reached",
                "storage_unavailable",
            ),
        },
        examples=[
            OpenApiExample("a product", value={"photo": PHOTO["id"], "product": references.EXAMPLE}, request_only=True),
            _answer("queued", QUEUED, "202"),
        ],
    )
    def post(self, request: Request) -> Response:
        """It goes before everything that nobody waits for. Follow it with `GET tryon/{id}/`."""
        form = TryOnRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        asked = dict(form.validated_data)
        shopper = self.known()
        photo = tryon.photos_of(shopper).filter(pk=asked.pop("photo")).first()
        if photo is None:
            raise InvalidInputs(_("This photo is deleted. Please choose one again."), field="photo", path="photo")
        name = "garment" if "garment" in asked else "product"
        garment = references.find(str(asked.pop(name)))
        if garment is None:
            raise InvalidInputs(_("There is no such product."), field=name, path=name)
        row = self.tryon(tryon.submit(shopper, photo, garment, **asked).pk)
        body = TryOnSerializer(row, context={"links": self.links}).data
        return Response(body, status=202, headers=_retry_after(row))


class ConsentView(FittingView):
    throttle_scopes = {"POST": "genai-tryon", "DELETE": "genai-tryon"}

    @extend_schema(
        operation_id="tryon_consent",
        summary="Agree to the text",
        request=TryOnConsentRequestSerializer,
        responses={200: FittingRoomSerializer, **problems_of_signed_in(PATH + "consent/", *BODY)},
        examples=[
            OpenApiExample("agree", value={"version": "1"}, request_only=True),
            _answer("agreed", {**ROOM, "photos": [], "tryons": []}),
        ],
    )
    def post(self, request: Request) -> Response:
        """Version, language and time are kept. Somebody without an account gets a signed cookie."""
        form = TryOnConsentRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        in_force = genai_settings.TRYON_CONSENT_VERSION
        if form.validated_data["version"] != in_force:
            text = _("The text has changed. Show version %(version)s and ask again.") % {"version": in_force}
            raise ValidationError({"version": [text]})
        shopper = cast("Shopper", taste.shopper_of(self.host_request, create=True))
        tryon.consent(shopper, in_force)
        response = Response(self.room(shopper))
        taste.remember(response, shopper)
        return response

    @extend_schema(
        operation_id="tryon_withdraw",
        summary="Withdraw the consent",
        responses={
            204: OpenApiResponse(description="Photos and pictures are gone."),
            **problems_of_signed_in(PATH + "consent/", "csrf_failed", "throttled", "storage_unavailable"),
        },
    )
    def delete(self, request: Request) -> Response:
        """Deletes all photos and pictures of the shopper at once; none is accepted any more."""
        shopper = self.shopper()
        if shopper is not None:
            tryon.withdraw(shopper)
        return Response(status=204)


class PhotoListView(FittingView):
    throttle_scopes = {"POST": "genai-tryon-upload"}

    def get_parsers(self) -> list[MultiPartParser]:  # type: ignore[override]  # uploads are forms, nothing else
        return [MultiPartParser()]

    def body_limit(self) -> int:
        limit: int = genai_settings.MAX_UPLOAD_BYTES + FRAMING_BYTES
        return limit

    @extend_schema(
        operation_id="tryon_upload",
        summary="Give a photo",
        request={"multipart/form-data": TryOnUploadSerializer},
        responses={
            201: PhotoSerializer,
            **problems_of_signed_in(
                PATH + "photos/",
                *BODY,
                "consent_missing",
                "image_too_large",
                "not_an_image",
                "format_not_allowed",
                "image_truncated",
                "image_too_small",
                "image_animated",
                "tryon_limit_reached",
                "storage_unavailable",
            ),
        },
        examples=[_answer("kept", PHOTO, "201")],
    )
    def post(self, request: Request) -> Response:
        """Only with the consent to the present text. The photo is kept until `expires_at`, privately."""
        shopper = self.known()
        form = TryOnUploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        photo = tryon.upload(shopper, form.validated_data["file"])
        return Response(PhotoSerializer(photo, context={"links": self.links}).data, status=201)


class PhotoView(FittingView):
    @extend_schema(
        operation_id="tryon_photo_delete",
        summary="Delete a photo",
        parameters=[ID],
        responses={
            204: OpenApiResponse(description="Gone, with every picture made of it."),
            **problems_of_signed_in(PATH + "photos/{id}/", "csrf_failed", "not_found", "storage_unavailable"),
        },
    )
    def delete(self, request: Request, id: UUID) -> Response:
        """Files and rows, of the photo and of all that was made of it, at once."""
        tryon.delete(self.photo(id))
        return Response(status=204)


class TryOnView(FittingView):
    @extend_schema(
        operation_id="tryon_retrieve",
        summary="Follow a try-on",
        parameters=[ID, RETRY_AFTER],
        responses={200: TryOnSerializer, **problems_of_signed_in(PATH + "{id}/", "not_found")},
        examples=[_answer("made", WORN), _answer("refused", REFUSED)],
    )
    def get(self, request: Request, id: UUID) -> Response:
        """Progress, then the picture, or why there is none and what the shopper can do about it."""
        row = self.tryon(id)
        body = TryOnSerializer(row, context={"links": self.links}).data
        return Response(body, headers=_retry_after(row))

    @extend_schema(
        operation_id="tryon_delete",
        summary="Delete a try-on",
        parameters=[ID],
        responses={
            204: OpenApiResponse(description="Gone; the photo stays."),
            **problems_of_signed_in(PATH + "{id}/", "csrf_failed", "not_found", "storage_unavailable"),
        },
    )
    def delete(self, request: Request, id: UUID) -> Response:
        """Stops it if it is not over, and deletes its picture."""
        tryon.delete(self.tryon(id))
        return Response(status=204)


class FileView(FittingView):
    """The bytes of a picture, for the holder of a fresh link who is also the shopper whom it belongs to."""

    content_negotiation_class = AnyFormatNegotiation

    def signed(self, request: Request, which: signatures.Which, id: UUID) -> None:
        """Raises LinkInvalid where the link was not made for this, or is too old."""
        if not signatures.is_signed(request.query_params.get("token", ""), which, id):
            raise LinkInvalid(_("This link is not valid any more. Ask for a fresh one."))


class PhotoFileView(FileView):
    @extend_schema(
        operation_id="tryon_photo_file",
        summary="Fetch a photo by a signed link",
        parameters=[ID, TOKEN],
        responses={
            (200, "image/*"): OpenApiTypes.BINARY,
            **problems(
                PATH + "photos/{id}/file/",
                "not_authenticated",
                "link_invalid",
                "not_found",
                "input_missing",
                "database_unavailable",
                "storage_unavailable",
            ),
        },
    )
    def get(self, request: Request, id: UUID) -> HttpResponse:
        """For 300 seconds, for the shopper who gave the photo."""
        self.signed(request, "photo", id)
        image = self.photo(id).image
        return picture(media.get(image.storage, image.name), image.format)


class TryOnFileView(FileView):
    @extend_schema(
        operation_id="tryon_file",
        summary="Fetch a try-on's picture by a signed link",
        parameters=[ID, TOKEN],
        responses={
            (200, "image/*"): OpenApiTypes.BINARY,
            **problems(
                PATH + "{id}/file/",
                "not_authenticated",
                "link_invalid",
                "not_found",
                "input_missing",
                "database_unavailable",
                "storage_unavailable",
            ),
        },
    )
    def get(self, request: Request, id: UUID) -> HttpResponse:
        """For 300 seconds, for the shopper who asked for it."""
        self.signed(request, "tryon", id)
        result = get_object_or_404(GeneratedImage, job=self.tryon(id).job_id)
        return picture(media.get(result.storage, result.name), result.format)


def _retry_after(row: TryOn) -> dict[str, str]:
    return {} if row.job.is_over else {"Retry-After": str(POLL_SECONDS)}
