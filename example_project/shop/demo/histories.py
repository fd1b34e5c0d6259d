"""Two shoppers with different histories: what they did in the shop, from ``samples/histories.csv``."""

from __future__ import annotations

import datetime

from django.contrib.auth import get_user_model
from django.utils import timezone

from example_project.shop.models import Product
from example_project.shop.stock import rows
from shop_genai import taste
from shop_genai.models import Shopper


def load() -> dict[str, Shopper]:
    """Login → the studio's row of that shopper, in the file's order.

    Whoever has events already, or opted out, is left alone: loading twice changes nothing.
    """
    listed = rows("histories.csv")
    products = {item.sku: item for item in Product.objects.filter(sku__in={row["sku"] for row in listed})}
    users = get_user_model().objects.in_bulk({row["shopper"] for row in listed}, field_name="username")
    found = {
        login: Shopper.objects.get_or_create(user=users[login])[0]
        for login in dict.fromkeys(r["shopper"] for r in listed)
    }
    fresh = {login for login, who in found.items() if who.opted_out_at is None and not who.events.exists()}
    for login in fresh:
        taste.give_consent(found[login])
    now = timezone.now()
    for row in listed:
        if row["shopper"] in fresh:
            at = now - datetime.timedelta(days=int(row["days_ago"]))
            taste.record_event(found[row["shopper"]], row["kind"], products[row["sku"]], at=at)
    return found
