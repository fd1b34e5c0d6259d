"""Fixtures that all rooms share. Nothing here needs torch, a broker or a database server.

Without ``DATABASE_URL`` and ``CELERY_BROKER_URL`` the suite runs on an SQLite file and an in-memory broker,
see ``tests/settings.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from shop_genai.models import ProductImage
    from shop_genai.recipes import Recipe


@pytest.fixture(autouse=True)
def _clean_slate() -> Iterator[None]:
    """No pipeline, no recipe and no language of one test is left for the next."""
    from django.utils import translation

    from shop_genai import recipes
    from shop_genai.worker import pipelines

    before = {recipe.name: recipe for recipe in recipes.all_recipes()}
    yield
    for recipe in recipes.all_recipes():
        if recipe is not before.get(recipe.name):
            recipes.unregister(recipe.name)
    for name in before.keys() - {recipe.name for recipe in recipes.all_recipes()}:
        recipes.register(before[name])
    pipelines.clear()
    translation.deactivate()


@pytest.fixture
def invert() -> Recipe:
    """The recipe “invert”: a PIL pipeline that needs no torch and no weights."""
    from shop_genai import recipes
    from tests.fakes.recipes import INVERT

    return recipes.register(INVERT)


@pytest.fixture
def variant() -> Iterator[Recipe]:
    """The recipe “variant” without torch: a look is a mean colour. The built-in one comes back afterwards."""
    from shop_genai import recipes
    from tests.fakes.variant import VARIANT

    before = {recipe.name: recipe for recipe in recipes.all_recipes()}.get("variant")
    recipes.unregister("variant")
    yield recipes.register(VARIANT)
    recipes.unregister("variant")
    if before is not None:
        recipes.register(before)


@pytest.fixture
def fitting() -> Iterator[Recipe]:
    """The recipe “tryon” without torch: people are dressed in rectangles. The built-in one comes back afterwards."""
    from shop_genai import recipes
    from tests.fakes.fitting import FITTING

    before = {recipe.name: recipe for recipe in recipes.all_recipes()}.get("tryon")
    recipes.unregister("tryon")
    yield recipes.register(FITTING)
    recipes.unregister("tryon")
    if before is not None:
        recipes.register(before)


@pytest.fixture
def user(db: None) -> User:
    """A shopper: no permissions."""
    from django.contrib.auth.models import User

    return User.objects.create_user("shopper", password="shopper")


@pytest.fixture
def staff(db: None) -> User:
    """A merchandiser: staff, with every permission of the studio."""
    from django.contrib.auth.models import Permission, User

    made = User.objects.create_user("merchandiser", password="merchandiser", is_staff=True)
    made.user_permissions.set(Permission.objects.filter(content_type__app_label="shop_genai"))
    return made


@pytest.fixture
def photo_bytes() -> Callable[..., bytes]:
    """``photo_bytes(width=64, height=48, colour=None, format="JPEG", **save)``: an encoded picture."""
    return draw_photo


def draw_photo(
    width: int = 64,
    height: int = 48,
    colour: tuple[int, int, int] | None = None,
    format: str = "JPEG",
    **save: Any,
) -> bytes:
    """A gradient, or one plain colour; different sizes and colours make different bytes."""
    from PIL import Image

    if colour is None:
        horizontal = Image.linear_gradient("L").rotate(90).resize((width, height))
        vertical = Image.linear_gradient("L").resize((width, height))
        image = Image.merge("RGB", (horizontal, vertical, Image.new("L", (width, height), 128)))
    else:
        image = Image.new("RGB", (width, height), colour)
    buffer = BytesIO()
    image.save(buffer, format, **save)
    return buffer.getvalue()


@pytest.fixture
def upload(photo_bytes: Callable[..., bytes]) -> Callable[..., ProductImage]:
    """``upload(owner, data=None, **photo)``: an accepted upload of a user."""
    from django.core.files.base import ContentFile

    from shop_genai import media

    def upload(owner: User, data: bytes | None = None, **photo: Any) -> ProductImage:
        content = ContentFile(data if data is not None else photo_bytes(**photo), name="photo.jpg")
        return media.accept_upload(content, owner=owner)

    return upload


@pytest.fixture
def drain() -> Callable[..., int]:
    """``drain(backoff=False)``: answer doorbells in this process until no job is due; returns the rounds.

    ``backoff=True`` makes jobs that wait for their next try due at once, again and again.
    """
    from django.utils import timezone

    from shop_genai import ledger, tasks
    from shop_genai.models import Job, Lane, Status

    def drain(*, backoff: bool = False) -> int:
        rounds = 0
        while rounds < 100:
            if backoff:
                Job.objects.filter(status=Status.QUEUED).update(run_after=timezone.now())
            waiting = [lane for lane in Lane.values if ledger.due(lane)]
            if not waiting:
                return rounds
            for lane in waiting:
                tasks.answer(lane)
            rounds += 1
        raise AssertionError("jobs are still due after 100 rounds")

    return drain
