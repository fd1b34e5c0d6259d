"""The demo's third part: three shoppers try on three garments of the shop, each in a photo of their own.

They go the way of every shopper: consent, a photo in the private storage, a job in the interactive lane. Photos and
pictures expire like anybody's.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files import File
from PIL import Image
from rich.console import Console
from rich.markup import escape

from example_project.shop import stock
from example_project.shop.demo import tryon_sheet
from example_project.shop.demo.results import rgb
from example_project.shop.demo.tastes import picture_of, short
from example_project.shop.demo.tryon_sheet import Shown
from example_project.shop.demo.watch import Watched
from example_project.shop.models import Photo
from shop_genai import catalogue, media, tryon
from shop_genai.errors import WeightsMissing
from shop_genai.models import GeneratedImage, ProductImage, Shopper, ShopperPhoto, TryOn

# Who brings which photo of samples/.
PEOPLE = {"mei": "people/crew-tee.jpg", "jonas": "people/harvest-top.jpg", "amara": "fitting/loft.jpg"}
GARMENTS = ("sunset-tee_navy", "polo_green", "plaid-shirt")  # a print, a collar, a pattern with long sleeves
SEED = 4


def show(console: Console, out: Path, wait: Callable[[list[Watched]], None]) -> tuple[int, int]:
    """Consent, uploads, one job for each person and garment, and the sheet.

    Args:
        wait: returns when all these jobs are over.

    Returns:
        How many jobs did not succeed, and how many there were.
    """
    console.print("[bold]6  Try-on[/]")
    rows = Photo.objects.filter(product__sku__in=GARMENTS).select_related("product")
    found = {row.product.sku: catalogue.track(row) for row in rows}
    garments = [found[sku] for sku in GARMENTS]
    try:
        worn = {login: [asked(photo, garment) for garment in garments] for login, photo in photos().items()}
    except WeightsMissing as error:
        console.print(f"   left out: {escape(str(error))}", soft_wrap=True)
        return 0, 0
    wait(
        [
            Watched(one.job_id, f"{login} in {escape(short(garment))}")
            for login, tries in worn.items()
            for one, garment in zip(tries, garments, strict=True)
        ]
    )
    people = [(pictured(login), [result_of(one) for one in tries]) for login, tries in worn.items()]
    tryon_sheet.write([Shown(picture_of(one), short(one)) for one in garments], people, out / "tryon.jpg")
    console.print(f"   Three people in three garments: {escape(str(out / 'tryon.jpg'))}", soft_wrap=True)
    jobs = [one.job_id for tries in worn.values() for one in tries]
    return len(jobs) - GeneratedImage.objects.filter(job__in=jobs).count(), len(jobs)


def photos() -> dict[str, ShopperPhoto]:
    """Login → that shopper's photo: the one that is kept still, else a fresh upload after consent."""
    found = {}
    for login, name in PEOPLE.items():
        shopper, _new = Shopper.objects.get_or_create(user=get_user_model().objects.get(username=login))
        tryon.consent(shopper, language="en")
        kept = tryon.photos_of(shopper).first()
        if kept is None:
            with (stock.SAMPLES / name).open("rb") as file:
                kept = tryon.upload(shopper, File(file, name=Path(name).name))
        found[login] = kept
    return found


def asked(photo: ShopperPhoto, garment: ProductImage) -> TryOn:
    """The shopper's try-on of a garment: asking twice makes no second one."""
    return tryon.submit(photo.shopper, photo, garment, seed=SEED)


def pictured(login: str) -> Shown:
    with Image.open(stock.SAMPLES / PEOPLE[login]) as picture:
        return Shown(rgb(picture.copy()), login)


def result_of(one: TryOn) -> Shown:
    """The picture; where none could be made, an empty tile that says why."""
    result: Any = GeneratedImage.objects.filter(job=one.job_id).first()
    if result is None:
        one.job.refresh_from_db()
        return Shown(Image.new("RGB", (3, 4), "#e4e2dd"), f"({one.job.error_code or one.job.status})")
    seconds = sum(result.info.get("seconds", {}).values())
    return Shown(media.decode(media.get(result.storage, result.name)), f"{seconds:.1f} s")
