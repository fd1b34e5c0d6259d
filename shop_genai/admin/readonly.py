"""Rows that only the studio writes: listed, searched and shown in the admin, never typed in."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db import models
from django.forms import Media
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _


class ReadOnlyAdmin(admin.ModelAdmin):
    """No add, change or delete form. A change page shows facts; its template gets what ``detail`` returns."""

    # What a person can do about an empty list; shown in its place.
    empty_text: ClassVar[Any] = ""
    # Whoever holds one of these may look as well, without the view permission.
    viewing_permissions: ClassVar[tuple[str, ...]] = ()
    scripts: ClassVar[tuple[str, ...]] = ()
    list_per_page = 50
    show_full_result_count = False

    @property
    def media(self) -> Media:
        files = [Script(f"shop_genai/{name}", defer=True) for name in self.scripts]
        return super().media + Media(css={"all": ["shop_genai/admin.css"]}, js=files)  # type: ignore[arg-type]  # the stubs do not know Script yet

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never on our own pages. Deleting a user in the shop's admin asks here too: that must go on."""
        match = request.resolver_match
        own = f"{self.opts.app_label}_{self.opts.model_name}_"
        if match is None or (match.url_name or "").startswith(own):
            return False
        return super().has_delete_permission(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or any(
            request.user.has_perm(f"{self.opts.app_label}.{name}") for name in self.viewing_permissions
        )

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """A pasted id finds its row; anything else is searched as usual."""
        if isinstance(self.opts.pk, models.UUIDField):
            try:
                return queryset.filter(pk=UUID(search_term.strip())), False
            except ValueError:
                pass
        return super().get_search_results(request, queryset, search_term)

    def detail(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """The template context of one row's page."""
        return {}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        context = dict(extra_context or {})
        if obj is not None and self.has_view_permission(request, obj):
            context |= {"subtitle": None, **self.detail(request, obj)}
        return super().change_view(request, object_id, form_url, context)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"title": str(self.opts.verbose_name_plural).capitalize(), "empty_text": self.empty_text}
        return super().changelist_view(request, context | (extra_context or {}))

    @admin.display(description=_("id"), ordering="pk")
    def short_id(self, obj: Any) -> str:
        """The first group of a UUID: enough to tell rows apart on a screen."""
        return str(obj.pk).split("-", 1)[0]
