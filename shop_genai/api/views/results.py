"""Finished pictures: list, look at, fetch."""

from __future__ import annotations

from pathlib import PurePosixPath
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from shop_genai import media
from shop_genai.api.files import FORMAT_OF, picture
from shop_genai.api.pagination import paginate
from shop_genai.api.permissions import results_for
from shop_genai.api.schema import problems, problems_of_signed_in
from shop_genai.api.serializers.requests import ResultQuerySerializer
from shop_genai.api.serializers.results import ResultPageSerializer, ResultSerializer
from shop_genai.api.views.studio import AnyFormatNegotiation, PublicView, StudioView
from shop_genai.errors import NotAllowed
from shop_genai.models import GeneratedImage

PATH = "/genai/api/v1/results/"
FILE = "https://shop.example/genai/api/v1/results/0d7f6c1e-3a52-4a0b-9c2b-7a64a3f5a9d4/file/?token=eyJyIjoi"
EXAMPLE = {
    "id": "0d7f6c1e-3a52-4a0b-9c2b-7a64a3f5a9d4",
    "url": "https://shop.example/genai/api/v1/results/0d7f6c1e-3a52-4a0b-9c2b-7a64a3f5a9d4/",
    "job": "https://shop.example/genai/api/v1/jobs/c7c2f0c1-9d0a-4a5a-8f0e-0a8c5d8f1b2e/",
    "source": "https://shop.example/genai/api/v1/images/5b0f9a52-6d57-4a63-9d13-2a5b3a3df6a1/",
    "recipe": "enhance",
    "file": FILE,
    "width": 1280,
    "height": 960,
    "format": "PNG",
    "bytes": 1912345,
    "sha256": "4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865",
    "renditions": [{"format": "WEBP", "width": 640, "height": 480, "bytes": 41234, "url": FILE + "&name=640.webp"}],
    "info": {},
    "review": "pending",
    "published": None,
    "created": "2026-11-24T04:00:02.654321Z",
}
ID = OpenApiParameter("id", UUID, OpenApiParameter.PATH)


class LinkInvalid(NotAllowed):
    """A signed link that was forged, altered or has expired."""

    code = "link_invalid"


class ResultListView(StudioView):
    @extend_schema(
        operation_id="results_list",
        summary="List results",
        parameters=[ResultQuerySerializer],
        responses={
            200: ResultPageSerializer,
            **problems_of_signed_in(PATH, "invalid_request", "invalid_cursor"),
        },
        examples=[
            OpenApiExample(
                "one result",
                value={"next": None, "previous": None, "results": [EXAMPLE]},
                response_only=True,
                status_codes=["200"],
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Results of your jobs, newest first. Staff with the permission to view results see everyone's."""
        query = ResultQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        results = results_for(request.user).filter(**query.filters())
        page = paginate(results, query.validated_data.get("cursor"), query.validated_data["page_size"])
        rows = ResultSerializer(page.rows, many=True, context={"links": self.links}).data
        return Response(page.body(rows, request))


class ResultView(StudioView):
    @extend_schema(
        operation_id="results_retrieve",
        summary="Look at a result",
        parameters=[ID],
        responses={
            200: ResultSerializer,
            **problems_of_signed_in(PATH + "{id}/", "not_found"),
        },
        examples=[OpenApiExample("waiting for review", value=EXAMPLE, response_only=True, status_codes=["200"])],
    )
    def get(self, request: Request, id: UUID) -> Response:
        """One result with the addresses of its files. Those of private files expire within 300 s."""
        result = get_object_or_404(results_for(request.user), pk=id)
        return Response(ResultSerializer(result, context={"links": self.links}).data)


class ResultFileView(PublicView):
    content_negotiation_class = AnyFormatNegotiation

    @extend_schema(
        operation_id="results_file",
        summary="Fetch a private file by a signed link",
        parameters=[
            ID,
            OpenApiParameter("token", str, OpenApiParameter.QUERY, required=True, description="From the result."),
        ],
        responses={
            (200, "image/*"): OpenApiTypes.BINARY,
            **problems(
                PATH + "{id}/file/",
                "link_invalid",
                "not_found",
                "input_missing",
                "database_unavailable",
                "storage_unavailable",
            ),
        },
    )
    def get(self, request: Request, id: UUID) -> HttpResponse:
        """The bytes behind `file` or a rendition's `url`. The link is the permission, for 300 seconds."""
        signed = media.unsign(request.query_params.get("token", ""))
        if signed is None or signed.result_id != id:
            raise LinkInvalid(_("This link is not valid any more. Ask for a fresh one."))
        result = get_object_or_404(GeneratedImage, pk=id, source__shopper=None)
        data = media.get(result.storage, signed.name)
        return picture(data, FORMAT_OF.get(PurePosixPath(signed.name).suffix, ""))
