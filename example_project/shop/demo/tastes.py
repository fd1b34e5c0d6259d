"""The demo's second half: a cut-out, and two shoppers whose tastes lead to different pictures and rankings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from PIL import Image
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from example_project.shop.demo import histories, taste_sheet
from example_project.shop.demo.results import rgb
from example_project.shop.demo.taste_sheet import Tile
from example_project.shop.demo.watch import Watched
from example_project.shop.models import Photo
from shop_genai import catalogue, looks, media, review, submission, taste, variants
from shop_genai.models import Event, GeneratedImage, ProductImage, Review, Shopper
from shop_genai.submission import Submitted

VARIED = ("hoodie", "polo_green", "vneck_plum", "sweatshirt")  # in nobody's history
CUT_OUT = "vneck_plum"
RANKED = 6
SEED = 4


@dataclass
class Person:
    """One shopper on the way through the demo."""

    login: str
    shopper: Shopper
    submitted: list[Submitted] = field(default_factory=list)
    results: list[GeneratedImage] = field(default_factory=list)


def show(console: Console, out: Path, staff: Any, wait: Callable[[list[Watched]], None]) -> tuple[int, int]:
    """Looks, variants in two tastes, a cut-out, a sheet and both rankings.

    Args:
        wait: returns when all these jobs are over.

    Returns:
        How many jobs did not succeed, and how many there were.
    """
    console.print("[bold]5  Two tastes[/]")
    people = [Person(login, shopper) for login, shopper in histories.load().items()]
    counts = looks.index()
    console.print(
        f"   looks of {counts['seen']} more pictures computed; {Event.objects.count()} events of {len(people)} shoppers"
    )
    photos = [Photo.objects.filter(product__sku=sku).select_related("product").first() for sku in VARIED]
    images = [catalogue.track(photo) for photo in photos if photo is not None]
    for person in people:
        person.submitted = variants.submit(
            images, target="shopper", count=1, strength=1.0, seed=SEED, shopper=person.shopper, owner=staff
        )
    cut = cutout(staff)
    jobs = [(person.login, one) for person in people for one in person.submitted] + [("cut-out", cut)]
    wait([Watched(one.job.id, f"{name}: {escape(title_of(one))}") for name, one in jobs])
    for person in people:
        person.results = approved(person.submitted, staff)
    made = {
        result.pk: written(result, out / "variants" / person.login) for person in people for result in person.results
    }
    for result in GeneratedImage.objects.filter(job=cut.job).select_related("source"):
        file = written(result, out / "cutout")
        console.print(f"   A cut-out, which waits for somebody to approve it: {escape(str(file))}", soft_wrap=True)
    taste_sheet.write(
        [Tile(picture_of(image), short(image)) for image in images],
        [part(person, made) for person in people],
        out / "tastes.jpg",
    )
    for person in people:
        console.print(ranking(person))
    console.print(f"   Two shoppers side by side: {escape(str(out / 'tastes.jpg'))}", soft_wrap=True)
    return len(jobs) - GeneratedImage.objects.filter(job__in=[one.job.pk for _name, one in jobs]).count(), len(jobs)


def cutout(staff: Any) -> Submitted:
    """One product on pure white with a soft shadow, as market places want it."""
    photo = Photo.objects.filter(product__sku=CUT_OUT).first()
    inputs = {"image": catalogue.track(photo)} if photo is not None else {}
    params = {"background": "white", "shadow": 0.5, "frame": "square"}
    return submission.submit(recipe="cutout", inputs=inputs, params=params, owner=staff)


def approved(submitted: Sequence[Submitted], staff: Any) -> list[GeneratedImage]:
    """The results of these jobs; what nobody has judged yet is approved, so that pages show it."""
    found = GeneratedImage.objects.filter(job__in=[one.job.pk for one in submitted]).select_related("source", "job")
    order = {one.job.pk: number for number, one in enumerate(submitted)}
    results = sorted(found, key=lambda result: order[result.job_id])
    return [review.approve(one, staff) if one.review == Review.PENDING else one for one in results]


def written(result: GeneratedImage, folder: Path) -> Path:
    """The full-size file, under the picture's name."""
    stem = PurePosixPath(result.source.name).stem
    path = folder / f"{stem}{PurePosixPath(result.name).suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(media.get(result.storage, result.name))
    return path


def part(person: Person, made: dict[Any, Path]) -> taste_sheet.Person:
    """What the sheet shows of one shopper."""
    disliked = set(person.shopper.events.filter(kind="dislike").values_list("image", flat=True))
    liked: dict[Any, Tile] = {}
    for event in person.shopper.events.select_related("image").order_by("-at", "-pk"):
        if event.image is not None and event.image.pk not in disliked | liked.keys():
            liked[event.image.pk] = Tile(picture_of(event.image), short(event.image), str(event.get_kind_display()))
    shown = [
        Tile(opened(made[one.pk]), str(one.info["colour"]), "preview" if one.info["preview"] else "stocked")
        for one in person.results
    ]
    ranked = [
        Tile(picture_of(one.image), f"{number}  {short(one.image)}", str(one.reason.text))
        for number, one in enumerate(taste.recommend(person.shopper, count=RANKED), 1)
    ]
    return taste_sheet.Person(person.login, list(liked.values()), shown, ranked)


def ranking(person: Person) -> Table:
    """What the shop recommends to one shopper, with the reasons; within 80 columns."""
    shown = Table(
        title=f"For {escape(person.login)}", box=None, pad_edge=True, title_justify="left", title_style="bold"
    )
    shown.add_column("", justify="right", no_wrap=True)
    shown.add_column("recommended", overflow="fold")
    shown.add_column("why", overflow="fold")
    for number, one in enumerate(taste.recommend(person.shopper, count=RANKED), 1):
        shown.add_row(str(number), escape(short(one.image)), escape(str(one.reason.text)))
    return shown


def short(image: ProductImage) -> str:
    """Title and colour."""
    host = catalogue.host(image)
    return f"{host.product.title.split(',')[0]}, {host.product.colour}"


def title_of(one: Submitted) -> str:
    used = one.job.inputs.select_related("image").first()
    return used.image.title if used else str(one.job.pk)


def picture_of(image: ProductImage) -> Image.Image:
    return rgb(media.open_input(image, catalogue.reader(image)))


def opened(file: Path) -> Image.Image:
    with Image.open(file) as picture:
        picture.load()
        return rgb(picture.copy())
