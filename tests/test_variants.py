"""Variants: which jobs a wish becomes, what is found again, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from example_project.shop.models import Photo, Product
from shop_genai import catalogue, looks, taste, variants
from shop_genai.errors import InvalidInputs, InvalidParams, TasteUnknown
from shop_genai.generation.variant.looks import unpack
from shop_genai.models import Job, Look, ProductImage, Shopper, TasteJob, Weights
from tests.conftest import draw_photo
from tests.fakes.shop import make_photo
from tests.fakes.variants import WEIGHTS, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def weights(db: None) -> Weights:
    """Weights to pin; nobody opens them here."""
    return Weights.objects.create(recipe="variant", digest=WEIGHTS, version="1", folder="/nowhere", promoted=True)


def sold(colour: str, style: str = "polo", category: str = "t-shirt") -> ProductImage:
    """The picture of one more product."""
    photo = make_photo(draw_photo(40 + Product.objects.count(), 30))
    Product.objects.filter(pk=photo.product_id).update(style=style, colour=colour, category=category)
    return catalogue.track(Photo.objects.get(pk=photo.pk))


def asked(submitted: list[Any]) -> list[dict[str, Any]]:
    return [Job.objects.get(pk=one.job.pk).params for one in submitted]


def test_new_looks_are_drawn_together_for_each_picture(staff: Any) -> None:
    pictures = [sold("red"), sold("navy")]
    made = variants.submit(pictures, target="prior", count=3, seed=7, strength=0.5, owner=staff)
    jobs = [Job.objects.get(pk=one.job.pk) for one in made]
    assert [job.inputs.get().image for job in jobs] == [pictures[0]] * 3 + [pictures[1]] * 3
    assert [job.params["number"] for job in jobs] == [0, 1, 2, 0, 1, 2]
    assert {(job.params["count"], job.params["strength"], job.seed, job.owner) for job in jobs} == {(3, 0.5, 7, staff)}
    assert all(one.created for one in made)
    again = variants.submit(pictures, target="prior", count=3, seed=7, strength=0.5, owner=staff)
    assert [one.job.pk for one in again] == [one.job.pk for one in made]
    assert not any(one.created for one in again)


def test_the_colours_that_the_shop_sells_go_along(django_assert_num_queries: Any) -> None:
    red, _navy, other = sold("red"), sold("white/navy"), sold("green", style="tee")
    params = asked(variants.submit([red, other], target="colour", colours=["mustard", "#102030", "mustard"]))
    assert [(one["colour"], set(one["stocked"].split(", "))) for one in params] == [
        ("mustard", {"red", "white/navy"}),
        ("#102030", {"red", "white/navy"}),
        ("mustard", {"green"}),
        ("#102030", {"green"}),
    ]


def test_an_upload_has_no_stock(upload: Any, staff: Any) -> None:
    [params] = asked(variants.submit([upload(staff)], owner=staff))
    assert params["stocked"] == ""


def test_the_look_of_another_picture(staff: Any) -> None:
    picture, other = sold("red"), sold("navy", style="tee")
    [made] = variants.submit([picture], target="appearance", appearance=other, owner=staff)
    inputs = {entry.slot: entry.image for entry in Job.objects.get(pk=made.job.pk).inputs.all()}
    assert inputs == {"image": picture, "appearance": other}
    with pytest.raises(InvalidInputs):
        variants.submit([picture], target="appearance")


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"target": "mood"}, "target"),
        ({"count": 13}, "count"),
        ({"count": 0}, "count"),
        ({"target": "colour"}, "colours"),
        ({"target": "colour", "colours": ["navy", "dull"]}, "colour"),
        ({"strength": 2.0}, "strength"),
        ({"seed": -1}, "seed"),
    ],
)
def test_nothing_is_queued_unless_all_of_it_can_be(wish: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidParams) as refused:
        variants.submit([sold("red"), sold("navy")], **wish)
    assert refused.value.details["field"] == field
    assert not Job.objects.exists()


def test_stocked_only_needs_colours_that_are_known_for_every_picture() -> None:
    with pytest.raises(InvalidParams):
        variants.submit([sold("red"), sold("seasonal", style="tee")], stocked_only=True)
    assert not Job.objects.exists()


def look(image: ProductImage, weights: Weights, vector: list[float]) -> None:
    row = catalogue.host(image)
    Look.objects.create(
        image=image,
        weights=weights,
        sha256=image.sha256,
        vector=looks.pack(vector),
        category=catalogue.category_of(row),
        product=catalogue.product_key(row),
        colour="red",
    )
    looks.stamp(weights)


def test_a_shoppers_variants_aim_at_the_taste_in_each_category(staff: Any, weights: Weights) -> None:
    shirt, mug = sold("red"), sold("red", style="mug", category="kitchen")
    for image, vector in ((shirt, [2.0, 0.0]), (sold("navy"), [0.0, 1.0]), (mug, [0.0, 4.0])):
        look(image, weights, vector)
    shopper = Shopper.objects.create()
    with pytest.raises(TasteUnknown):
        variants.submit([shirt], target="shopper", shopper=shopper, owner=staff)
    taste.give_consent(shopper)
    taste.record_event(shopper, "purchase", shirt)
    made = variants.submit([shirt, mug], target="shopper", shopper=shopper, owner=staff)
    known = taste.taste_of(shopper)
    for params, category in zip(asked(made), ("t-shirt", "kitchen"), strict=True):
        assert params["target"] == "look"
        assert unpack(params["look"]) == pytest.approx(known.target(category), abs=0.01)
    assert {link.job_id for link in TasteJob.objects.filter(shopper=shopper)} == {one.job.pk for one in made}


def test_only_approved_variants_of_the_catalogue_are_found(
    staff: Any, upload: Any, django_assert_num_queries: Any
) -> None:
    picture, plain = sold("red"), sold("navy")
    old, new = make_variant(picture, staff), make_variant(picture, staff)
    make_variant(picture)
    make_variant(picture, staff, recipe="cutout")
    private = make_variant(upload(staff), staff)
    with django_assert_num_queries(1):
        found = variants.approved([picture, plain.pk, private.source])
    assert found == {picture.pk: [new, old], plain.pk: [], private.source_id: []}


@dataclass(frozen=True)
class Aim:
    """A taste for one look in one category."""

    weights: str = WEIGHTS
    empty: bool = False

    def target(self, category: str) -> tuple[float, ...]:
        return {"t-shirt": (1.0, 0.0)}.get(category, (0.0, 1.0))


def test_the_nearest_to_a_taste_come_first(staff: Any) -> None:
    picture = sold("red")
    far, near, other, broken = (
        make_variant(picture, staff, look=look) for look in ([9.0, 9.0], [1.0, 0.5], [0.0, 0.0], [1.0, 0.0])
    )
    broken.info = {**broken.info, "look": "?"}
    other.info = {**other.info, "weights": "cd" * 32}
    assert variants.nearest([far, other, broken, near], Aim()) == [near, far, other, broken]
    assert variants.nearest([far, near], Aim(empty=True)) == [far, near]
    kitchen = {picture.pk: "kitchen"}
    at_home = make_variant(picture, staff, look=[0.0, 1.0])
    assert variants.nearest([near, at_home], Aim(), kitchen) == [at_home, near]


def test_what_nobody_says_is_stocked_is_a_preview(staff: Any) -> None:
    result = make_variant(sold("red"), staff, preview=False)
    assert not variants.is_preview(result)
    result.info = {}
    assert variants.is_preview(result)
