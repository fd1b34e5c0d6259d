"""What a small shop keeps: products, their photos, shoppers, and what shoppers say.

Nothing here knows of the image studio: ``SHOP_GENAI["PRODUCT_IMAGES"]`` is all that ties them together.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from example_project.shop.words import Category, Colour


def in_chinese() -> bool:
    """Whether the reader of this page chose Chinese."""
    return (get_language() or "").startswith("zh")


class Product(models.Model):
    """One thing to buy, in one colour. Products of the same ``style`` are its colourways."""

    sku = models.SlugField(_("article number"), max_length=64, unique=True)
    style = models.SlugField(_("style"), max_length=64)
    title = models.CharField(_("title"), max_length=120)
    title_zh = models.CharField(_("title in Chinese"), max_length=120, blank=True)
    description = models.TextField(_("description"), blank=True)
    description_zh = models.TextField(_("description in Chinese"), blank=True)
    category = models.CharField(_("category"), max_length=32, choices=Category)
    colour = models.CharField(_("colour"), max_length=32, choices=Colour)
    price = models.DecimalField(_("price in euros"), max_digits=8, decimal_places=2)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering: ClassVar = ["position", "sku"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(price__gte=0), name="shop_price_not_negative"),
            models.UniqueConstraint(fields=["style", "colour"], name="shop_one_product_per_style_and_colour"),
        ]
        indexes: ClassVar = [models.Index(fields=["category", "position"], name="shop_product_category")]

    def __str__(self) -> str:
        return f"{self.title} ({self.colour})"

    def get_absolute_url(self) -> str:
        return reverse("shop:product", args=[self.sku])

    @property
    def local_title(self) -> str:
        return self.title_zh if in_chinese() and self.title_zh else self.title

    @property
    def local_description(self) -> str:
        return self.description_zh if in_chinese() and self.description_zh else self.description


class Photo(models.Model):
    """One picture of a product. The first one, by ``position``, stands for the product in lists."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="photos", verbose_name=_("product"))
    image = models.ImageField(_("image"), upload_to="shop/photos")
    alt = models.CharField(
        _("alternative text"),
        max_length=200,
        blank=True,
        help_text=_("What the picture shows, for people who do not see it. Empty: the product's title and colour."),
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.product} {self.position + 1}"

    @property
    def text(self) -> str:
        """The alternative text, in the reader's language where nobody wrote one."""
        return self.alt or f"{self.product.local_title}, {self.product.get_colour_display()}"


class Shopper(models.Model):
    """Who buys: an account and the name that stands under a review."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="shopper")
    name = models.CharField(_("displayed name"), max_length=60)

    class Meta:
        verbose_name = _("shopper")
        verbose_name_plural = _("shoppers")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Review(models.Model):
    """One shopper's opinion of one product, in the shopper's own language."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="reviews", verbose_name=_("product"))
    shopper = models.ForeignKey(Shopper, models.CASCADE, related_name="reviews", verbose_name=_("shopper"))
    rating = models.PositiveSmallIntegerField(
        _("stars"), validators=[MinValueValidator(1), MaxValueValidator(5)], help_text=_("1 to 5.")
    )
    text = models.TextField(_("review"), max_length=2000)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, default="en")
    created = models.DateTimeField(_("written"), default=timezone.now)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering: ClassVar = ["-created", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "shopper"], name="shop_one_review_per_shopper"),
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="shop_one_to_five_stars"),
        ]

    def __str__(self) -> str:
        return f"{self.shopper}: {self.rating}/5"
