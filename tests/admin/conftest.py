"""A back office with a person at the desk and pictures on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from shop_genai.models import GeneratedImage, ProductImage
from tests.conftest import draw_photo
from tests.fakes.shop import make_image, make_result


@pytest.fixture
def desk(staff: User) -> Client:
    """A browser of a merchandiser with every permission of the studio."""
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def someone(db: None) -> Callable[..., Client]:
    """``someone("view_job", …)``: a browser of a staff member with exactly these permissions."""

    def someone(*codenames: str) -> Client:
        person = User.objects.create_user(f"staff-{User.objects.count()}", is_staff=True)
        person.user_permissions.set(
            Permission.objects.filter(content_type__app_label="shop_genai", codename__in=codenames)
        )
        client = Client()
        client.force_login(person)
        return client

    return someone


@pytest.fixture
def image(db: None) -> ProductImage:
    return make_image(draw_photo(80, 60), "Mug")


@pytest.fixture
def result(image: ProductImage, invert: Any, drain: Callable[..., int]) -> GeneratedImage:
    return make_result(image, drain)


def listing(model: str) -> str:
    return reverse(f"admin:shop_genai_{model}_changelist")


def page(row: Any) -> str:
    return reverse(f"admin:shop_genai_{row._meta.model_name}_change", args=[row.pk])


def act(client: Client, action: str, *rows: Any) -> Any:
    """Tick rows of a list and run an action, as its form does."""
    return client.post(
        listing(rows[0]._meta.model_name),
        {"action": action, "_selected_action": [str(row.pk) for row in rows]},
        follow=True,
    )


def messages(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])
