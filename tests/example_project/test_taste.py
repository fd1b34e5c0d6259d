"""The shop asks before it remembers, remembers only then, and lets go on request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from example_project.shop import basket, stock
from example_project.shop.demo import histories
from example_project.shop.models import Product
from shop_genai import catalogue, looks, taste
from shop_genai.models import Event, Shopper
from tests.fakes.variant import queued_variant

pytestmark = pytest.mark.django_db
QUESTION = "May this shop learn your taste?"


@pytest.fixture
def product() -> Product:
    stock.load()
    return Product.objects.get(sku="vneck_mustard")


def answer(client: Client, what: str) -> Any:
    return client.post(reverse("shop:consent"), {"answer": what, "next": "/"})


def kinds() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


def do_everything(client: Client, product: Product) -> None:
    client.get(product.get_absolute_url())
    client.post(reverse("shop:put", args=[product.sku]))
    client.post(reverse("shop:say", args=[product.sku]), {"opinion": "like"})
    client.post(reverse("shop:buy"))
    client.get(reverse("shop:products"), {"q": "mustard"})


def test_who_was_not_asked_or_said_no_leaves_nothing_behind(client: Client, product: Product) -> None:
    assert QUESTION in client.get("/").text
    do_everything(client, product)
    assert answer(client, "no").status_code == 302
    do_everything(client, product)
    assert not Event.objects.exists()
    assert not Shopper.objects.exists()
    assert taste.COOKIE not in client.cookies
    assert QUESTION not in client.get("/").text


def test_who_agreed_is_remembered_step_by_step(client: Client, product: Product) -> None:
    answer(client, "yes")
    cookie = client.cookies[taste.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    do_everything(client, product)
    assert kinds() == ["view", "basket", "like", "purchase", "search"]
    assert QUESTION not in client.get("/").text
    assert {event.image.title for event in Event.objects.exclude(image=None)} == {product.title}


def test_a_page_that_a_browser_fetches_ahead_is_not_looked_at(client: Client, product: Product) -> None:
    answer(client, "yes")
    client.get(product.get_absolute_url(), headers={"sec-purpose": "prefetch"})
    assert kinds() == []


def test_two_browsers_are_two_shoppers_and_see_only_their_own(product: Product) -> None:
    mei, jonas = Client(), Client()
    for client in (mei, jonas):
        answer(client, "yes")
    mei.get(product.get_absolute_url())
    assert "Looked at: 1" in mei.get(reverse("shop:your_taste")).text
    assert "Nothing yet." in jonas.get(reverse("shop:your_taste")).text


def test_everything_can_be_exported_and_erased(client: Client, product: Product) -> None:
    answer(client, "yes")
    do_everything(client, product)
    page = client.get(reverse("shop:your_taste"))
    assert "Put into the basket: 1" in page.text
    assert "no-store" in page["Cache-Control"]
    file = client.get(reverse("shop:export"))
    assert 'filename="your-taste.json"' in file["Content-Disposition"]
    assert [event["kind"] for event in json.loads(file.content)["events"]] == kinds()
    client.post(reverse("shop:erase"))
    assert not Event.objects.exists()
    assert not Shopper.objects.exists()
    assert client.cookies[taste.COOKIE].value == ""


def test_opting_out_stops_and_erases_and_can_be_taken_back(client: Client, product: Product) -> None:
    answer(client, "yes")
    do_everything(client, product)
    answer(client, "no")
    assert not Event.objects.exists()
    do_everything(client, product)
    assert kinds() == []
    assert "Start remembering" in client.get(reverse("shop:your_taste")).text
    answer(client, "yes")
    client.get(product.get_absolute_url())
    assert kinds() == ["view"]


def test_what_a_stranger_did_goes_with_the_login(client: Client, product: Product) -> None:
    answer(client, "yes")
    client.get(product.get_absolute_url())
    mei = User.objects.get(username="mei")
    mei.set_password("secret")
    mei.save()
    client.post(reverse("shop:login"), {"username": "mei", "password": "secret"})
    assert "Looked at: 1" in client.get(reverse("shop:your_taste")).text
    assert Shopper.objects.get().user == mei


def test_a_new_text_is_asked_about_again(client: Client, product: Product, settings: Any) -> None:
    answer(client, "yes")
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TASTE_CONSENT_VERSION": "2"}
    assert QUESTION in client.get("/").text
    client.get(product.get_absolute_url())
    assert kinds() == []


def test_the_answer_leads_back_only_into_the_shop(client: Client, product: Product) -> None:
    away = client.post(reverse("shop:consent"), {"answer": "no", "next": "https://elsewhere.example/"})
    assert away["Location"] == reverse("shop:your_taste")
    back = client.post(reverse("shop:consent"), {"answer": "no", "next": product.get_absolute_url()})
    assert back["Location"] == product.get_absolute_url()


def test_the_basket_holds_each_thing_once_until_it_is_bought(client: Client, product: Product) -> None:
    for _press in range(2):
        client.post(reverse("shop:put", args=[product.sku]))
    assert client.session[basket.KEY] == [product.sku]
    page = client.get(reverse("shop:basket")).text
    assert page.count(product.title) >= 1
    assert f"€{product.price:.2f}" in page
    client.post(reverse("shop:take_out", args=[product.sku]))
    assert "Nothing is in your basket." in client.get(reverse("shop:basket")).text
    assert client.post(reverse("shop:put", args=["none-of-ours"])).status_code == 404


def test_every_word_of_a_search_counts(client: Client, product: Product) -> None:
    found = client.get(reverse("shop:products"), {"q": "mustard v-neck"}).text
    assert found.count('class="card"') == 1
    assert "Nothing matches." in client.get(reverse("shop:products"), {"q": "submarine"}).text


@pytest.fixture
def two(product: Product, variant: Any, settings: Any) -> dict[str, Client]:
    """Browsers of the two shoppers with a history, the looks of all pictures known."""
    quick = {"RENDITION_FORMATS": ("JPEG",), "RENDITION_WIDTHS": (320,)}
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, **quick}
    shoppers = histories.load()
    looks.index()
    clients = {}
    for login, shopper in shoppers.items():
        clients[login] = Client()
        clients[login].force_login(shopper.user)
    return clients


def for_you(client: Client, address: str = "/") -> list[str]:
    """The article numbers under “For you”, in their order."""
    section = client.get(address).text.split('class="for-you"')[1].split("</section>")[0]
    return re.findall(r"/products/([\w-]+)/", section)


def test_two_histories_lead_to_two_rankings_with_reasons(two: dict[str, Client]) -> None:
    mei, jonas = for_you(two["mei"]), for_you(two["jonas"])
    assert len(mei) == len(jonas) == 4
    assert mei != jonas
    assert "vneck_mustard" not in mei  # bought
    page = two["mei"].get("/").text
    assert '<h2 id="for-you-heading">For you</h2>' in page
    assert "Because you bought" in page
    assert "Because you" not in Client().get("/").text


def test_two_histories_order_the_same_variants_differently(
    two: dict[str, Client], drain: Callable[..., int], staff: User
) -> None:
    hoodie = Product.objects.get(sku="hoodie")
    [image] = catalogue.pictures_of(hoodie)
    for colour in ("blue", "red"):
        queued_variant(image, drain, colour, staff)

    def shown(client: Client) -> list[str]:
        section = client.get(hoodie.get_absolute_url()).text.split('class="other-looks"')[1].split("</section>")[0]
        assert section.count("genai-variant-preview") == 2
        return re.findall(r'genai-variant-colour">(\w+)<', section)

    assert shown(two["mei"]) == ["red", "blue"]
    assert shown(two["jonas"]) == ["blue", "red"]
    assert "other-looks" not in two["mei"].get(Product.objects.get(sku="polo").get_absolute_url()).text


def test_a_page_costs_no_more_queries_when_more_is_known(
    two: dict[str, Client], drain: Callable[..., int], staff: User, django_assert_max_num_queries: Any
) -> None:
    for sku in ("vneck", "tank"):
        [image] = catalogue.pictures_of(Product.objects.get(sku=sku))
        for colour in ("navy", "red"):
            queued_variant(image, drain, colour, staff)
    two["mei"].get("/")
    with django_assert_max_num_queries(18):
        assert two["mei"].get("/").text.count("genai-variant-colour") >= 4


def test_histories_are_loaded_once(product: Product) -> None:
    histories.load()
    before = list(Event.objects.order_by("pk").values())
    assert {event["kind"] for event in before} >= {"view", "basket", "purchase", "like", "dislike"}
    histories.load()
    assert list(Event.objects.order_by("pk").values()) == before
