"""Who is asking, by the classes in ``SHOP_GENAI["API_AUTHENTICATION"]``."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.module_loading import import_string
from rest_framework import authentication, exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from shop_genai.conf import genai_settings


class SessionAuthentication(authentication.SessionAuthentication):
    """The shop's own login, with CSRF protection; a request without one gets 401 rather than 403.

    The challenge names no scheme that browsers know, so that no password dialog opens over the shop's page.
    """

    def authenticate_header(self, request: Request) -> str:
        return 'Session realm="shop_genai"'

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as denied:
            raise exceptions.PermissionDenied(str(denied.detail), code="csrf_failed") from denied


def configured() -> Sequence[BaseAuthentication]:
    """One fresh authenticator of every configured class, in order."""
    return [import_string(path)() for path in genai_settings.API_AUTHENTICATION]
