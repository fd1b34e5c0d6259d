"""The pages between "Generate variants…" and the queue: what they shall look like, then how much work that is."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from shop_genai import catalogue, recipes, variants
from shop_genai.admin import generate, pictures
from shop_genai.admin.selection import recall, remember
from shop_genai.admin.variant_form import Target, VariantForm
from shop_genai.admin.words import colour_label
from shop_genai.errors import GenaiError, UnknownRecipe
from shop_genai.models import ProductImage, Shopper

RECIPE = "variant"
ENHANCE = "shop_genai.enhance_productimage"
SEE_SHOPPERS = "shop_genai.view_shopper"


def page(model_admin: admin.ModelAdmin, request: HttpRequest, token: str) -> HttpResponse:
    """Show the form; on a valid POST say how much work it is; on the confirmation queue the jobs."""
    try:
        recipe = recipes.get(RECIPE)
    except UnknownRecipe as error:
        raise Http404(str(error)) from error
    images = generate.selected(recall(request, token))
    listing = reverse("admin:shop_genai_productimage_changelist")
    if not images:
        messages.warning(request, _("The selection is gone. Choose the pictures again."))
        return redirect(listing)
    step = request.POST.get("step", "")
    shoppers = offered_shoppers(request)
    chosen = shoppers.filter(pk=_number(request.GET.get("shopper"))).first() if shoppers is not None else None
    form = VariantForm(request.POST or None, shoppers=shoppers, chosen=chosen)
    template = "shop_genai/admin/variants.html"
    if request.method == "POST" and step != "change" and form.is_valid():
        template = "shop_genai/admin/variants_confirm.html"
        if step == "queue":
            started = timezone.now()
            try:
                submitted = variants.submit(images, owner=cast(User, request.user), **form.wanted())
            except GenaiError as error:
                form.add_error(None, str(error))
                template = "shop_genai/admin/variants.html"
            else:
                generate.tell(request, recipe, submitted, started)
                return redirect(listing)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "media": model_admin.media + form.media,
        "title": ngettext("Variants: %(count)s picture", "Variants: %(count)s pictures", len(images))
        % {"count": len(images)},
        "recipe": recipe,
        "form": form,
        "count": len(images),
        "shown": [(image, pictures.source_thumbnail_url(image)) for image in images[: generate.SHOWN]],
        "more": max(0, len(images) - generate.SHOWN),
        "cancel_url": listing,
    }
    if template.endswith("confirm.html"):
        total = form.each * len(images)
        context |= {
            "total": total,
            "each": form.each,
            "estimate": generate.estimate(recipe, total),
            "chosen": summary(form),
            "given": [(name, value) for name in form.fields for value in request.POST.getlist(name)],
        }
    return TemplateResponse(request, template, context, status=422 if form.errors and step != "change" else 200)


def summary(form: VariantForm) -> list[tuple[Any, Any]]:
    """Label and value of what was asked, for people."""
    data = form.cleaned_data
    target = Target(data["target"])
    lines: list[tuple[Any, Any]] = [(form.fields["target"].label, target.label)]
    if target == Target.COLOUR:
        colours = [pictures.swatch(colour_label(name), name) for name in form.chosen_colours()]
        lines.append((form.fields["colours"].label, pictures.joined(colours)))
    if target == Target.SHOPPER:
        lines.append((form.fields["shopper"].label, str(data["shopper"])))
    return [*lines, *((form.fields[name].label, data[name]) for name in ("strength", "seed"))]


def offered_shoppers(request: HttpRequest) -> QuerySet[Shopper] | None:
    """Whose taste this person may aim at; None without the permission to look at shoppers."""
    if not request.user.has_perm(SEE_SHOPPERS):
        return None
    return Shopper.objects.filter(consent_at__isnull=False, opted_out_at=None).select_related("user").order_by("-pk")


def start(request: HttpRequest, ids: Any, shopper: Any = None) -> HttpResponse:
    """To the form, for these pictures; with a shopper, for their taste."""
    address = reverse("admin:shop_genai_productimage_variants", args=[remember(request, ids)])
    return redirect(f"{address}?shopper={shopper.pk}" if shopper is not None else address)


@admin.action(description=gettext_lazy("Generate variants…"))
def generate_variants(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
    """An action for the shop's own admin: variants of the pictures of the chosen rows.

    class ProductAdmin(admin.ModelAdmin):
        actions = [generate_variants]
    """
    if not request.user.has_perm(ENHANCE):
        messages.error(request, _("Ask for the permission to generate from product images."))
        return None
    found: dict[Any, ProductImage] = {}
    for row in queryset:
        found |= {image.pk: image for image in catalogue.pictures_of(row)}
    if not found:
        messages.warning(request, _("The studio knows no picture of these rows."))
        return None
    return start(request, found)


def _number(text: str | None) -> int:
    """A primary key; 0, which no row has, for anything else."""
    return int(text) if text and text.isdecimal() else 0
