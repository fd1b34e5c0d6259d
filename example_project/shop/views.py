"""Two pages: what there is, and one product with what people say of it.

What is looked at and searched for is noted, if the visitor agreed.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import Avg, Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from example_project.shop.forms import ReviewForm
from example_project.shop.models import Photo, Product, Review, Shopper
from example_project.shop.visitors import may_remember, note
from example_project.shop.words import Category


def with_stars() -> QuerySet[Product]:
    """Products with photos, mean stars and number of reviews."""
    products = Product.objects.annotate(stars=Avg("reviews__rating"), opinions=Count("reviews"))
    # Spelled out: a query that groups does not keep the model's own order.
    return products.order_by("position", "sku").prefetch_related("photos__product")


def categories() -> list[dict[str, Any]]:
    """Every category that has products, in the order of the shop's words, with how many there are."""
    counts = dict(Product.objects.order_by().values_list("category").annotate(Count("id")))
    return [{"slug": c.value, "label": c.label, "count": counts[c]} for c in Category if c in counts]


@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    """All products, those of ``?category=``, or those found by ``?q=``. An unknown category shows all of them."""
    chosen = request.GET.get("category", "")
    query = request.GET.get("q", "").strip()[:100]
    products = with_stars()
    if query:
        note(request, "search", query=query)
        products = products.filter(matching(query))
    if chosen in Category.values:
        products = products.filter(category=chosen)
    else:
        chosen = ""
    shown = [(product, first_photo(product)) for product in products]
    return render(
        request,
        "shop/product_list.html",
        {
            "shown": shown,
            "photos": [photo for _product, photo in shown if photo],
            "products": [item for item, _photo in shown],
            "categories": categories(),
            "chosen": chosen,
            "query": query,
            "heading": Category(chosen).label if chosen else _("Everything in the shop"),
        },
    )


def product(request: HttpRequest, sku: str) -> HttpResponse:
    """One product: photos, colourways, reviews. A POST is a logged-in shopper's review."""
    item = get_object_or_404(with_stars(), sku=sku)
    shopper = shopper_of(request)
    form = ReviewForm()
    if request.method == "POST":
        if shopper is None:
            return redirect_to_login(item.get_absolute_url(), login_url="shop:login")
        form = ReviewForm(request.POST)
        if form.is_valid():
            Review.objects.update_or_create(
                product=item,
                shopper=shopper,
                defaults={**form.cleaned_data, "language": get_language() or "en"},
            )
            messages.success(request, _("Thank you. Your review is below."))
            return redirect(item)
    else:
        note(request, "view", item)
    photos = list(item.photos.all())
    colourways = list(with_stars().filter(style=item.style).exclude(pk=item.pk))
    reviews = list(item.reviews.select_related("shopper"))
    return render(
        request,
        "shop/product_detail.html",
        {
            "product": item,
            "photos": photos,
            "colourways": [(other, first_photo(other)) for other in colourways],
            "all_photos": photos + [photo for other in colourways if (photo := first_photo(other))],
            "reviews": reviews,
            "reviewed": shopper is not None and any(review.shopper_id == shopper.pk for review in reviews),
            "shopper": shopper,
            "form": form,
            "liking": may_remember(request),
            "categories": categories(),
            "chosen": item.category,
        },
        status=400 if form.errors else 200,
    )


def matching(query: str) -> Q:
    """Products in which every word of the query occurs: in the title, the description, the category or the colour."""
    found = Q()
    for word in query.split():
        fields = ("title", "title_zh", "description", "description_zh", "category", "colour")
        found &= reduce(or_, (Q(**{f"{field}__icontains": word}) for field in fields))
    return found


def first_photo(product: Product) -> Photo | None:
    """The photo that stands for a product, from what is prefetched."""
    return next(iter(product.photos.all()), None)


def shopper_of(request: HttpRequest) -> Shopper | None:
    """Who shops here, or nobody: staff and visitors are no shoppers."""
    if not request.user.is_authenticated:
        return None
    return Shopper.objects.filter(user=request.user).first()
