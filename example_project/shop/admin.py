"""The shop's own back office. The studio's pages stand beside it, added by ``shop_genai.admin``."""

from django.contrib import admin

from example_project.shop.models import Photo, Product, Review, Shopper
from shop_genai.admin import generate_variants


class PhotoInline(admin.TabularInline):
    model = Photo
    extra = 0


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ("title", "colour", "category", "price", "sku")
    list_filter = ("category", "colour")
    search_fields = ("title", "title_zh", "sku")
    inlines = (PhotoInline,)
    actions = (generate_variants,)


@admin.register(Review)
class ReviewAdmin(admin.ModelAdmin):
    list_display = ("product", "shopper", "rating", "language", "created")
    list_filter = ("rating", "language")
    list_select_related = ("product", "shopper")
    search_fields = ("text",)


@admin.register(Shopper)
class ShopperAdmin(admin.ModelAdmin):
    list_display = ("name", "user")
    list_select_related = ("user",)
