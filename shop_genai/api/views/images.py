"""Pictures that jobs can read: upload, list, look at, delete."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from shop_genai import catalogue, media
from shop_genai.api.erasure import erase
from shop_genai.api.files import picture
from shop_genai.api.pagination import paginate
from shop_genai.api.permissions import images_for, staff_may
from shop_genai.api.schema import problems, problems_of_signed_in
from shop_genai.api.serializers.images import ImagePageSerializer, ImageSerializer
from shop_genai.api.serializers.requests import PageQuerySerializer, UploadSerializer
from shop_genai.api.views.studio import AnyFormatNegotiation, StudioView
from shop_genai.conf import genai_settings
from shop_genai.errors import NotAllowed

PATH = "/genai/api/v1/images/"
# What multipart framing and a title add to the file's own bytes.
FRAMING_BYTES = 64 * 1024
EXAMPLE = {
    "id": "5b0f9a52-6d57-4a63-9d13-2a5b3a3df6a1",
    "url": "https://shop.example/genai/api/v1/images/5b0f9a52-6d57-4a63-9d13-2a5b3a3df6a1/",
    "content": "https://shop.example/genai/api/v1/images/5b0f9a52-6d57-4a63-9d13-2a5b3a3df6a1/content/",
    "title": "Blue mug",
    "catalogue": None,
    "width": 640,
    "height": 480,
    "format": "JPEG",
    "bytes": 81234,
    "sha256": "9b74c9897bac770ffc029102a200c5de5f0b3d1b8f3a7f6b6f3f0f5f2f1a7b10",
    "created": "2026-11-24T04:00:00.123456Z",
}
ID = OpenApiParameter("id", UUID, OpenApiParameter.PATH)


class ImageListView(StudioView):
    throttle_scopes = {"POST": "genai-upload"}

    def get_parsers(self) -> list[MultiPartParser]:  # type: ignore[override]  # uploads are forms, nothing else
        return [MultiPartParser()]

    def body_limit(self) -> int:
        limit: int = genai_settings.MAX_UPLOAD_BYTES + FRAMING_BYTES
        return limit

    @extend_schema(
        operation_id="images_list",
        summary="List images",
        parameters=[PageQuerySerializer],
        responses={
            200: ImagePageSerializer,
            **problems_of_signed_in(PATH, "invalid_request", "invalid_cursor"),
        },
        examples=[
            OpenApiExample(
                "one image",
                value={"next": None, "previous": None, "results": [EXAMPLE]},
                response_only=True,
                status_codes=["200"],
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Your uploads, newest first. Staff see what their permissions allow, the catalogue's too."""
        query = PageQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        page = paginate(images_for(request.user), query.validated_data.get("cursor"), query.validated_data["page_size"])
        rows = ImageSerializer(page.rows, many=True, context={"links": self.links}).data
        return Response(page.body(rows, request))

    @extend_schema(
        operation_id="images_upload",
        summary="Upload an image",
        parameters=[
            OpenApiParameter(
                "Location",
                str,
                OpenApiParameter.HEADER,
                response=[201],
                description="The address of the image.",
            )
        ],
        request={"multipart/form-data": UploadSerializer},
        responses={
            201: ImageSerializer,
            **problems_of_signed_in(
                PATH,
                "invalid_request",
                "malformed_request",
                "csrf_failed",
                "image_too_large",
                "body_too_large",
                "not_an_image",
                "format_not_allowed",
                "unsupported_media_type",
                "image_truncated",
                "image_too_small",
                "image_animated",
                "throttled",
                "storage_unavailable",
            ),
        },
        examples=[OpenApiExample("uploaded", value=EXAMPLE, response_only=True, status_codes=["201"])],
    )
    def post(self, request: Request) -> Response:
        """Store a picture privately. It is turned upright and re-encoded; all metadata is dropped."""
        form = UploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        image = media.accept_upload(form.validated_data["file"], owner=request.user, title=form.validated_data["title"])
        body = ImageSerializer(image, context={"links": self.links}).data
        return Response(body, status=201, headers={"Location": body["url"]})


class ImageView(StudioView):
    @extend_schema(
        operation_id="images_retrieve",
        summary="Look at an image's facts",
        parameters=[ID],
        responses={
            200: ImageSerializer,
            **problems_of_signed_in(PATH + "{id}/", "not_found"),
        },
        examples=[OpenApiExample("an upload", value=EXAMPLE, response_only=True, status_codes=["200"])],
    )
    def get(self, request: Request, id: UUID) -> Response:
        """One image: size, format, digest, and where its bytes are."""
        image = get_object_or_404(images_for(request.user), pk=id)
        return Response(ImageSerializer(image, context={"links": self.links}).data)

    @extend_schema(
        operation_id="images_delete",
        summary="Delete an upload",
        parameters=[ID],
        responses={
            204: OpenApiResponse(description="Gone."),
            **problems_of_signed_in(
                PATH + "{id}/", "permission_denied", "csrf_failed", "not_found", "storage_unavailable"
            ),
        },
    )
    def delete(self, request: Request, id: UUID) -> Response:
        """Erase an upload, its file, and the jobs and results made from it. Not for catalogue pictures."""
        image = get_object_or_404(images_for(request.user), pk=id)
        if not image.is_upload:
            raise NotAllowed(_("This picture belongs to the shop's catalogue. Delete it there."))
        if image.owner_id != request.user.pk and not staff_may(request.user, "delete_productimage"):
            raise NotAllowed(_("You may not delete other people's images."))
        erase(image)
        return Response(status=204)


class ImageContentView(StudioView):
    content_negotiation_class = AnyFormatNegotiation

    @extend_schema(
        operation_id="images_content",
        summary="Fetch an image's bytes",
        parameters=[ID],
        responses={
            (200, "image/*"): OpenApiTypes.BINARY,
            **problems(
                PATH + "{id}/content/",
                "not_authenticated",
                "not_found",
                "input_missing",
                "input_changed",
                "database_unavailable",
                "storage_unavailable",
            ),
        },
    )
    def get(self, request: Request, id: UUID) -> HttpResponse:
        """The stored bytes, for the owner and for staff with the permission to view images."""
        image = get_object_or_404(images_for(request.user), pk=id)
        read = None if image.is_upload else catalogue.reader(image)
        return picture(media.read_bytes(image, read), image.format)
