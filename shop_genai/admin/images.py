"""Product images: what the shop gave the studio, where each picture stands, and the way to new jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop_genai import recipes
from shop_genai.admin import generate, pictures, variants
from shop_genai.admin.readonly import ReadOnlyAdmin
from shop_genai.admin.selection import remember
from shop_genai.admin.states import HostFilter, PictureState, StateFilter, with_state
from shop_genai.admin.words import action_label
from shop_genai.models import Job, ProductImage
from shop_genai.recipes import Recipe

ENHANCE = "enhance_productimage"


def needs_one_picture(recipe: Recipe) -> bool:
    """Whether a list of pictures is all that this recipe needs: one job for each, in its first slot."""
    return recipe.slots[0].required and sum(slot.required for slot in recipe.slots) == 1


@admin.register(ProductImage)
class ProductImageAdmin(ReadOnlyAdmin):
    change_form_template = "shop_genai/admin/image_page.html"
    list_display = ("preview", "titled", "state_badge", "updated")
    list_display_links = ("preview", "titled")
    list_filter = (StateFilter, HostFilter, "created")
    search_fields = ("title", "=object_id", "sha256__startswith")
    list_select_related = ("content_type", "owner")
    viewing_permissions = (ENHANCE,)
    empty_text = _(
        "No pictures yet. They appear here when the rows named in SHOP_GENAI[“PRODUCT_IMAGES”] are tracked, "
        "or when someone uploads a picture over the API."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductImage]:
        """Without shoppers' photos: not even whoever may see those meets them here by chance."""
        return with_state(super().get_queryset(request).filter(shopper=None))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<uuid:pk>/picture/<str:variant>/",
                view(self.picture_view, cacheable=True),
                name="shop_genai_productimage_picture",
            ),
            path(
                "variants/<str:token>/",
                view(self.variants_view),
                name="shop_genai_productimage_variants",
            ),
            path(
                "generate/<str:name>/<str:token>/",
                view(self.generate_view),
                name="shop_genai_productimage_generate",
            ),
            *super().get_urls(),
        ]

    # Actions: one for each recipe that needs one picture ----

    def has_enhance_productimage_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"shop_genai.{ENHANCE}")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        if "_popup" in request.GET or not self.has_enhance_productimage_permission(request):
            return actions
        for recipe in filter(needs_one_picture, recipes.all_recipes()):
            name = f"genai_{recipe.name}"
            actions[name] = (self._start(recipe), name, action_label(recipe))
        return actions

    @staticmethod
    def _start(recipe: Recipe) -> Callable[..., HttpResponse]:
        def start(model_admin: Any, request: HttpRequest, queryset: QuerySet[ProductImage]) -> HttpResponse:
            ids = queryset.order_by("-created", "id").values_list("pk", flat=True)
            if recipe.name == variants.RECIPE:
                return variants.start(request, ids)
            token = remember(request, ids)
            return redirect("admin:shop_genai_productimage_generate", recipe.name, token)

        return start

    def generate_view(self, request: HttpRequest, name: str, token: str) -> HttpResponse:
        if not self.has_enhance_productimage_permission(request):
            raise PermissionDenied
        return generate.page(self, request, name, token)

    def variants_view(self, request: HttpRequest, token: str) -> HttpResponse:
        if not self.has_enhance_productimage_permission(request):
            raise PermissionDenied
        return variants.page(self, request, token)

    # Pictures ----

    def picture_view(self, request: HttpRequest, pk: Any, variant: str) -> HttpResponse:
        image = self.get_object(request, str(pk))
        if not self.has_view_permission(request, image):
            raise PermissionDenied
        return pictures.serve_source(image, variant)

    @admin.display(description=_("picture"))
    def preview(self, image: ProductImage) -> str:
        return pictures.thumbnail(pictures.source_thumbnail_url(image), str(image))

    @admin.display(description=_("title"), ordering="title")
    def titled(self, image: ProductImage) -> str:
        return pictures.titled(
            image.title or self.short_id(image), f"{self.belongs_to(image)}, {pictures.facts(image)}"
        )

    def belongs_to(self, image: ProductImage) -> str:
        if image.content_type is None:
            return gettext("Upload by %(user)s") % {"user": image.owner}
        # Not the host row's own name: its __str__ may cost a query for every line of the list.
        return f"{capfirst(image.content_type.name)} {image.object_id}"

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, image: Any) -> str:
        return pictures.badge(image.state, PictureState(image.state).label)

    # One picture's page ----

    def detail(self, request: HttpRequest, obj: ProductImage) -> dict[str, Any]:
        results = obj.results.select_related("source")
        jobs = Job.objects.filter(inputs__image=obj, tryon=None).select_related("result").order_by("-created")[:20]
        return {
            "title": obj.title or self.short_id(obj),
            "image": obj,
            "state": PictureState(obj.state),  # type: ignore[attr-defined]  # annotated by get_queryset
            "belongs_to": self.belongs_to(obj),
            "original_url": pictures.source_url(obj),
            "results": [(result, pictures.result_url(result, pictures.THUMBNAIL_WIDTH)) for result in results],
            "jobs": jobs,
            "recipes": [(r, action_label(r, one=True)) for r in recipes.all_recipes() if needs_one_picture(r)]
            if self.has_enhance_productimage_permission(request)
            else [],
        }
