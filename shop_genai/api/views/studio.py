"""The policies of every view of the studio; the host's ``REST_FRAMEWORK`` has no say in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import connections, transaction
from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.schemas.inspectors import ViewInspector
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from shop_genai.api import authentication, problems
from shop_genai.api.links import Links
from shop_genai.api.parsers import JSONParser
from shop_genai.api.schema import StudioSchema
from shop_genai.api.throttles import WindowThrottle


class ProblemRenderer(JSONRenderer):
    """For clients that accept nothing but problems."""

    media_type = problems.MEDIA_TYPE


class StudioView(APIView):
    """JSON in, JSON out, problems for errors; signed-in users only, unless a view says otherwise."""

    authentication_classes = ()
    permission_classes: Sequence[type[BasePermission]] = (IsAuthenticated,)
    renderer_classes: Sequence[type[BaseRenderer]] = (JSONRenderer, ProblemRenderer)
    parser_classes = (JSONParser,)
    throttle_classes = ()
    content_negotiation_class = DefaultContentNegotiation
    metadata_class = None
    versioning_class = None
    schema: ViewInspector | None = StudioSchema()

    # Method → name of a rate in SHOP_GENAI["THROTTLE_RATES"].
    throttle_scopes: ClassVar[dict[str, str]] = {}

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Outside ATOMIC_REQUESTS: its transaction would open, and fail, before the view could answer."""
        view = super().as_view(**initkwargs)
        for alias in connections:
            view = transaction.non_atomic_requests(using=alias)(view)
        return view

    @property
    def links(self) -> Links:
        return Links(self.request)

    def get_authenticators(self) -> Sequence[BaseAuthentication]:  # type: ignore[override]  # any sequence will do
        return authentication.configured()

    def get_throttles(self) -> list[BaseThrottle]:
        scope = self.throttle_scopes.get(self.request.method or "")
        return [WindowThrottle(scope)] if scope else []

    def get_exception_handler(self) -> Callable[[Exception, Any], HttpResponseBase]:
        return problems.handle

    def body_limit(self) -> int:
        """The largest body in bytes that is read at all."""
        limit: int | None = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        return limit or 2_621_440

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        length = request.headers.get("Content-Length", "")
        limit = self.body_limit()
        if length.isdigit() and int(length) > limit:
            raise RequestDataTooBig(_("The request's body has more than %(limit)d bytes.") % {"limit": limit})
        super().initial(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Answers depend on who asks, so no shared cache may keep them."""
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers.setdefault("Cache-Control", "private, no-cache")
        return final


class PublicView(StudioView):
    """Open to everyone; it does not even look who asks, so it needs neither session nor database."""

    permission_classes = (AllowAny,)

    def get_authenticators(self) -> Sequence[BaseAuthentication]:  # type: ignore[override]  # any sequence will do
        return ()


class AnyFormatNegotiation(DefaultContentNegotiation):
    """For views that answer with a picture: what the client accepts concerns their errors only."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class NothingHereView(PublicView):
    """Every other address below ``api/``: a problem, where Django would send a page."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        raise Http404
