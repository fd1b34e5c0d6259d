"""The shop's fixed words: categories and colours, translated."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Category(models.TextChoices):
    TSHIRT = "t-shirt", _("T-shirts")
    LONG_SLEEVE = "long-sleeve", _("Long sleeves")
    POLO = "polo", _("Polos")
    SHIRT = "shirt", _("Shirts")
    HOODIE = "hoodie", _("Hoodies")
    TANK = "tank", _("Tanks")
    BAGS = "bags", _("Bags")
    KITCHEN = "kitchen", _("Kitchen")
    HOME = "home", pgettext_lazy("category of goods", "Home")  # the admin has a “Home” of its own
    LIGHTING = "lighting", _("Lighting")
    STATIONERY = "stationery", _("Stationery")
    FOOD = "food", _("Food")


class Colour(models.TextChoices):
    SAND = "sand", _("sand")
    RED = "red", _("red")
    NAVY = "navy", _("navy")
    TEAL = "teal", _("teal")
    MUSTARD = "mustard", _("mustard")
    PLUM = "plum", _("plum")
    STRIPED = "white/navy", _("white and navy")
    GREEN = "green", _("green")
    WHITE = "white", _("white")
    GREY = "grey", _("grey")
    CORAL = "coral", _("coral")
    BLUE = "blue", _("blue")
    BROWN = "brown", _("brown")
    NATURAL = "natural", _("natural")
    MULTICOLOUR = "multicolour", _("multicolour")
