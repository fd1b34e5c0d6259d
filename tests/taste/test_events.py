"""Events: what they are about, what counts once, and that a page never fails by them."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, connections
from django.utils import timezone

from example_project.shop.models import Photo, Product
from shop_genai import catalogue, taste
from shop_genai.errors import InvalidParams
from shop_genai.models import Event, ProductImage, Shopper
from shop_genai.taste import events
from tests.conftest import draw_photo
from tests.fakes.shop import make_photo
from tests.taste.conftest import Place

pytestmark = pytest.mark.django_db


def test_a_product_a_photo_and_a_picture_are_the_same_event(shopper: Shopper, place: Place) -> None:
    image = place([1.0])
    photo = catalogue.host(image)
    for obj in (photo.product, photo, image):
        event = taste.record_event(shopper, "basket", obj)
        assert event is not None
        assert event.image == image


def test_a_picture_is_tracked_by_its_first_event(shopper: Shopper) -> None:
    photo = make_photo(draw_photo())
    event = taste.record_event(shopper, "view", photo.product)
    assert event is not None
    assert event.image == ProductImage.objects.get(object_id=str(photo.pk))


def test_the_same_view_within_half_an_hour_counts_once(shopper: Shopper, place: Place) -> None:
    one, other = place([1.0]), place([2.0])
    now = timezone.now()
    assert taste.record_event(shopper, "view", one, at=now - timedelta(minutes=40)) is not None
    assert taste.record_event(shopper, "view", one, at=now - timedelta(minutes=20)) is None
    before = Shopper.objects.get().version
    assert taste.record_event(shopper, "view", one, at=now - timedelta(minutes=15)) is None
    assert Shopper.objects.get().version == before  # nothing changed, so no profile has to be computed again
    assert taste.record_event(shopper, "view", one, at=now) is not None
    assert taste.record_event(shopper, "view", other, at=now) is not None
    assert taste.record_event(shopper, "basket", one, at=now) is not None
    stranger = Shopper.objects.create()
    taste.give_consent(stranger)
    assert taste.record_event(stranger, "view", one, at=now) is not None


def test_the_future_is_now(shopper: Shopper, place: Place) -> None:
    event = taste.record_event(shopper, "like", place([1.0]), at=timezone.now() + timedelta(days=3))
    assert event is not None
    assert event.at <= timezone.now()


def test_a_search_keeps_its_words(shopper: Shopper) -> None:
    event = taste.record_event(shopper, "search", query="  navy \x00 polo " + "x" * 300)
    assert event is not None
    assert event.query.startswith("navy polo x")
    assert len(event.query) == 200
    assert taste.record_event(shopper, "search", query="  ") is None


def test_what_has_no_picture_leaves_no_event(
    shopper: Shopper, user: User, upload: Any, caplog: pytest.LogCaptureFixture
) -> None:
    photo = make_photo(draw_photo(), sku="gone")
    photo.image.storage.delete(photo.image.name)
    with caplog.at_level(logging.WARNING, events.__name__):
        assert taste.record_event(shopper, "view", photo) is None
        assert taste.record_event(shopper, "view", user) is None
    assert len(caplog.records) == 2
    assert taste.record_event(shopper, "view", upload(user)) is None  # a person's own photo is no merchandise
    assert taste.record_event(shopper, "view") is None
    assert taste.record_event(None, "view", photo) is None
    assert Event.objects.count() == 0


def test_a_failing_database_is_logged(
    shopper: Shopper, place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(event: Event) -> Event:
        raise DatabaseError("as asked")

    image = place([1.0])
    monkeypatch.setattr(events, "_keep", fail)
    with caplog.at_level(logging.WARNING, events.__name__):
        assert taste.record_event(shopper, "view", image) is None
    assert "was not kept" in caplog.text


def test_an_unknown_kind_is_the_callers_mistake(shopper: Shopper) -> None:
    with pytest.raises(InvalidParams) as refusal:
        taste.record_event(shopper, "stare")
    assert refusal.value.details["field"] == "kind"


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_shopper_and_one_view(user: User) -> None:
    photo = make_photo(draw_photo())
    image = catalogue.track(photo)
    barrier = threading.Barrier(8)
    failures: list[BaseException] = []

    def visit() -> None:
        try:
            barrier.wait(20)
            mine, _made = Shopper.objects.get_or_create(user=user)
            taste.give_consent(mine)
            taste.record_event(mine, "view", image)
        except BaseException as error:  # noqa: BLE001 - shown by the test itself
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=visit) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert Shopper.objects.count() == 1
    assert Event.objects.filter(kind="view").count() == 1
    assert Photo.objects.count() == Product.objects.count() == 1
    assert connection.is_usable()
