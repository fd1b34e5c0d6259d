"""For shoppers, signed in or not: what they did, what they agreed to, what is known of them, what they may like."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Model
from django.http import HttpRequest
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from shop_genai import storefront, taste
from shop_genai.api import references
from shop_genai.api.schema import problems_of_signed_in
from shop_genai.api.serializers.rendering import moment
from shop_genai.api.serializers.taste import (
    ConsentSerializer,
    EventAnswerSerializer,
    EventRequestSerializer,
    ExportSerializer,
    ProfileSerializer,
    RecommendationQuerySerializer,
    RecommendationSerializer,
    RecommendationsSerializer,
)
from shop_genai.api.views.studio import StudioView
from shop_genai.conf import genai_settings
from shop_genai.models import Event, Shopper

PATH = "/genai/api/v1/"
PROFILE = {
    "known": True,
    "consent": True,
    "consent_at": "2026-11-24T04:00:00.123456Z",
    "consent_version": "1",
    "version": "1",
    "opted_out_at": None,
    "events": {"view": 12, "basket": 2, "purchase": 1, "like": 3, "dislike": 0, "search": 1},
    "categories": [{"name": "t-shirt", "label": "T-shirts"}],
    "colours": [{"name": "navy", "label": "navy"}, {"name": "white", "label": "white"}],
    "text": "Mostly T-shirts, above all in navy, white.",
}
RECOMMENDED = {
    "product": {"model": "shop.product", "id": "12", "url": "https://shop.example/products/polo-navy/"},
    "image": "5b0f9a52-6d57-4a63-9d13-2a5b3a3df6a1",
    "title": "Polo shirt",
    "picture": "https://shop.example/media/shop/photos/polo-navy.jpg",
    "score": 0.82,
    "reason": {
        "kind": "look",
        "text": "Because you looked at “Breton shirt”",
        "because": {"image": "0b6dfb3c-7a7f-4b94-b4a3-0f1c8f1f3f52", "title": "Breton shirt"},
    },
}
EXPORT = {
    "shopper": {"key": "4c1c2f59-2f0e-4a8c-8d43-6f0a8a5f3c11", "consent_at": PROFILE["consent_at"]},
    "events": [{"kind": "view", "at": PROFILE["consent_at"], "picture": RECOMMENDED["image"], "title": "Polo shirt"}],
    "profiles": [],
    "jobs": [],
    "tryon": {"consents": [], "photos": [], "tryons": [], "audit": []},
}


def _answer(name: str, value: Any, status: str = "200") -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=[status])


class ShopperView(StudioView):
    """Open to everyone; who asks is known by the session, or by the signed cookie of somebody who agreed.

    That cookie is SameSite=Lax: other sites' pages cannot send requests that change anything with it.
    """

    permission_classes = (AllowAny,)

    @property
    def host_request(self) -> HttpRequest:
        """Django's own request, with the user that was authenticated."""
        request: HttpRequest = self.request._request
        return request

    def shopper(self) -> Shopper | None:
        return taste.shopper_of(self.host_request)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """The answer is this browser's alone, also where no session was asked."""
        final = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(final, ["Cookie"])
        return final


class EventListView(ShopperView):
    throttle_scopes = {"POST": "genai-event"}

    @extend_schema(
        operation_id="events_record",
        summary="Record what the shopper did",
        request=EventRequestSerializer,
        responses={
            202: OpenApiResponse(EventAnswerSerializer, description="Kept, or not, and why."),
            **problems_of_signed_in(
                PATH + "events/",
                "invalid_request",
                "malformed_request",
                "csrf_failed",
                "body_too_large",
                "unsupported_media_type",
                "throttled",
            ),
        },
        examples=[
            OpenApiExample("looked at", value={"kind": "view", "object": references.EXAMPLE}, request_only=True),
            OpenApiExample("searched", value={"kind": "search", "query": "navy polo"}, request_only=True),
            _answer("kept", {"recorded": True, "reason": None}, "202"),
            _answer("not kept", {"recorded": False, "reason": "no_consent"}, "202"),
        ],
    )
    def post(self, request: Request) -> Response:
        """For the shopper who asks, and only with their consent (`PATCH profile/`). A page never fails by it."""
        form = EventRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        reason = self._record(**form.validated_data)
        return Response({"recorded": reason is None, "reason": reason}, status=202)

    def _record(self, kind: str, object: str = "", query: str = "") -> str | None:
        """Keep it; why not, if not."""
        shopper = self.shopper()
        if shopper is None or not shopper.consents:
            return "no_consent"
        found: Model | None = None
        if kind != Event.Kind.SEARCH:
            found = references.find(object)
            if found is None:
                return "unknown_object"
        return None if taste.record_event(shopper, kind, found, query=query) else "already_recorded"


class ProfileView(ShopperView):
    throttle_scopes = {"PATCH": "genai-profile", "DELETE": "genai-profile"}

    @extend_schema(
        operation_id="profile_retrieve",
        summary="What is known of the shopper",
        responses={200: ProfileSerializer, **problems_of_signed_in(PATH + "profile/")},
        examples=[_answer("somebody who agreed", PROFILE)],
    )
    def get(self, request: Request) -> Response:
        """Consent, how many events are kept, and the taste in words. For somebody unknown: that nothing is known."""
        return Response(_profile(self.shopper()))

    @extend_schema(
        operation_id="profile_consent",
        summary="Agree, or agree no longer",
        request=ConsentSerializer,
        responses={
            200: ProfileSerializer,
            **problems_of_signed_in(
                PATH + "profile/",
                "invalid_request",
                "malformed_request",
                "csrf_failed",
                "body_too_large",
                "unsupported_media_type",
                "throttled",
            ),
        },
        examples=[
            OpenApiExample("agree", value={"consent": True, "version": "1"}, request_only=True),
            _answer("agreed", PROFILE),
        ],
    )
    def patch(self, request: Request) -> Response:
        """Agreeing makes the shopper known: somebody without an account gets a signed cookie.

        Agreeing no longer deletes all events and the taste at once; nothing is kept from then on.
        """
        form = ConsentSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        shopper = self.shopper()
        if not form.validated_data["consent"]:
            if shopper is not None:
                taste.withdraw_consent(shopper)
            return Response(_profile(shopper))
        in_force = genai_settings.TASTE_CONSENT_VERSION
        if form.validated_data.get("version", in_force) != in_force:
            text = _("The text has changed. Show version %(version)s and ask again.") % {"version": in_force}
            raise ValidationError({"version": [text]})
        shopper = cast("Shopper", taste.shopper_of(self.host_request, create=True))
        taste.give_consent(shopper)
        response = Response(_profile(shopper))
        taste.remember(response, shopper)
        return response

    @extend_schema(
        operation_id="profile_erase",
        summary="Erase everything about the shopper",
        responses={
            204: OpenApiResponse(description="Gone, or never known."),
            **problems_of_signed_in(
                PATH + "profile/", "csrf_failed", "wrong_state", "input_missing", "throttled", "storage_unavailable"
            ),
        },
    )
    def delete(self, request: Request) -> Response:
        """Consent, events, taste, and the pictures that were made for it: deleted for good, with the cookie."""
        shopper = self.shopper()
        if shopper is not None:
            taste.erase(shopper)
        response = Response(status=204)
        taste.forget(response)
        return response


class ProfileExportView(ShopperView):
    @extend_schema(
        operation_id="profile_export",
        summary="Everything that is kept of the shopper",
        responses={200: ExportSerializer, **problems_of_signed_in(PATH + "profile/export/", "not_found")},
        examples=[_answer("an export", EXPORT)],
    )
    def get(self, request: Request) -> Response:
        """As a file to take along. 404 for somebody of whom nothing is kept."""
        shopper = self.shopper()
        if shopper is None:
            raise NotFound
        headers = {"Content-Disposition": 'attachment; filename="taste.json"', "Cache-Control": "private, no-store"}
        return Response(taste.export(shopper), headers=headers)


class RecommendationListView(ShopperView):
    @extend_schema(
        operation_id="recommendations_list",
        summary="Recommend products",
        parameters=[RecommendationQuerySerializer],
        responses={
            200: RecommendationsSerializer,
            **problems_of_signed_in(PATH + "recommendations/", "invalid_request"),
        },
        examples=[_answer("one product", {"results": [RECOMMENDED]})],
    )
    def get(self, request: Request) -> Response:
        """By the shopper's taste, each with its reason; for somebody unknown what is popular, then what is new."""
        query = RecommendationQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        found = storefront.recommended(
            self.shopper(),
            count=wanted["count"],
            category=wanted.get("category"),
            exclude=references.find_all(wanted["exclude"]),
        )
        storefront.find_pictures([one.row for one in found])
        rows = RecommendationSerializer(found, many=True, context={"links": self.links}).data
        return Response({"results": rows})


def _profile(shopper: Shopper | None) -> dict[str, Any]:
    known = storefront.summary(shopper)
    return {
        "known": shopper is not None,
        "consent": shopper is not None and shopper.consents,
        "consent_at": moment(shopper.consent_at) if shopper is not None else None,
        "consent_version": shopper.consent_version if shopper is not None else "",
        "version": genai_settings.TASTE_CONSENT_VERSION,
        "opted_out_at": moment(shopper.opted_out_at) if shopper is not None else None,
        "events": known.events,
        "categories": [{"name": name, "label": label} for name, label in known.categories],
        "colours": [{"name": name, "label": label} for name, label in known.colours],
        "text": known.text,
    }
