"""The built-in kinds of generation, declared exactly as a third party would declare theirs."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from shop_genai.conf import genai_settings
from shop_genai.generation import weights
from shop_genai.generation.accessories.params import AccessoryParams
from shop_genai.generation.cutout.params import CutoutParams
from shop_genai.generation.enhance.params import EnhanceParams
from shop_genai.generation.tryon.backends import BackendOptions
from shop_genai.generation.tryon.params import TryOnParams
from shop_genai.generation.variant.params import VariantParams
from shop_genai.recipes import Figure, Pipeline, Recipe, Slot, register


def _load_enhance(folder: Path | None, device: str) -> Pipeline:
    from shop_genai.generation import load  # torch comes in here, in the worker only

    return load("enhance", weights=folder, device=device)


def _load_cutout(folder: Path | None, device: str) -> Pipeline:
    from shop_genai.generation import load  # torch comes in here, in the worker only

    return load("cutout", weights=folder, device=device)


def _load_variant(folder: Path | None, device: str) -> Pipeline:
    from shop_genai.generation import load  # torch comes in here, in the worker only

    return load("variant", weights=folder, device=device)


def _load_accessory(folder: Path | None, device: str) -> Pipeline:
    from shop_genai.generation import load  # torch comes in here, in the worker only

    return load("accessory", weights=folder, device=device)


def _load_tryon(folder: Path | None, device: str) -> Pipeline:
    from shop_genai.generation import load  # torch comes in here, in the worker only

    return load("tryon", weights=folder, device=device, backends=tryon_backends())


def tryon_backends() -> BackendOptions:
    """What the shop's settings say about methods of try-on; `generation` reads no settings itself."""
    return BackendOptions(
        default=genai_settings.TRYON_BACKEND,
        allowed=genai_settings.TRYON_BACKENDS,
        allow_non_commercial=bool(genai_settings.TRYON_ALLOW_NON_COMMERCIAL),
    )


register(
    Recipe(
        name="enhance",
        label=_("Enhance"),
        description=_("Makes a small, noisy or over-compressed photo larger, clean and sharp."),
        slots=(Slot("image", label=_("Photo")),),
        params=EnhanceParams,
        load=_load_enhance,
        digest=partial(weights.digest, "enhance"),
        decides=(
            Figure("x1 strength 0.psnr_y", tolerance=0.05, label=_("x1, sharpness 0: PSNR, dB")),
            Figure("x1 strength 0.ssim_y", tolerance=0.001, label=_("x1, sharpness 0: SSIM")),
            Figure("x2 strength 0.psnr_y", tolerance=0.05, label=_("x2, sharpness 0: PSNR, dB")),
            Figure("x2 strength 0.ssim_y", tolerance=0.001, label=_("x2, sharpness 0: SSIM")),
            Figure("x4 strength 0.psnr_y", tolerance=0.05, label=_("x4, sharpness 0: PSNR, dB")),
            Figure("x4 strength 0.ssim_y", tolerance=0.001, label=_("x4, sharpness 0: SSIM")),
            # Sharper weights may lose a little here; a generator that went wrong loses decibels.
            Figure("x2 strength 1.psnr_y", tolerance=0.5, label=_("x2, sharpness 1: PSNR, dB")),
        ),
    )
)


register(
    Recipe(
        name="cutout",
        label=_("Cut out"),
        description=_("Takes the product out of its surroundings: on nothing, on pure white or on one colour."),
        slots=(
            Slot("image", label=_("Photo")),
            Slot("mask", label=_("Mask"), required=False, help_text=_("White where the product is.")),
        ),
        params=CutoutParams,
        load=_load_cutout,
        # A cut-out has no weights of its own: it opens those of the segmenter.
        digest=partial(weights.digest, "segment"),
        weights_of="segment",
    )
)

register(
    Recipe(
        name="variant",
        label=_("Variant"),
        description=_("Shows the same product in another look: a shopper's taste, a colour, another product's look."),
        slots=(
            Slot("image", label=_("Photo")),
            Slot("mask", label=_("Mask"), required=False, help_text=_("White where the product is.")),
            Slot("appearance", label=_("Look"), required=False, help_text=_("A picture whose look is taken.")),
            Slot(
                "appearance_mask",
                label=_("Mask of the look"),
                required=False,
                help_text=_("White where the product is that the look is taken from."),
            ),
        ),
        params=VariantParams,
        load=_load_variant,
        digest=partial(weights.digest, "variant"),
        stands_in=False,
        decides=(
            Figure("psnr", tolerance=0.05, label=_("Look of the other colourway: PSNR, dB")),
            Figure("delta_e", better="min", tolerance=0.05, label=_("Look of the other colourway: colour difference")),
            # Weights that are better on average may lose a little on the worst pair; they must not go astray there.
            Figure("worst", tolerance=1.0, label=_("Look of the other colourway: worst pair, dB")),
        ),
    )
)

register(
    Recipe(
        name="tryon",
        label=_("Try-on"),
        description=_("Shows a person in a garment: everything else in the photo stays as it is."),
        slots=(
            Slot("person", label=_("Photo of the person")),
            Slot("garment", label=_("Picture of the garment"), help_text=_("Lying, hanging, or worn by somebody.")),
            Slot(
                "garment_mask",
                label=_("Mask of the garment"),
                required=False,
                help_text=_("White where the garment is."),
            ),
        ),
        params=TryOnParams,
        load=_load_tryon,
        digest=partial(weights.digest, "tryon"),
        lane="interactive",
        # One shopper must not wait for another's picture, and a garment that was looked at is kept with its picture.
        batch_limit=1,
        stands_in=False,
        decides=(
            Figure("psnr", tolerance=0.05, label=_("The person's own garment, worn again: PSNR, dB")),
            Figure("ssim", tolerance=0.002, label=_("The person's own garment, worn again: SSIM")),
            Figure("iou", tolerance=0.005, label=_("The garment's outline: intersection over union")),
        ),
    )
)

register(
    Recipe(
        name="accessory",
        label=_("Accessories"),
        description=_("Puts glasses, earrings or a hat on a person's photo, or colours lips or hair."),
        slots=(
            Slot("person", label=_("Photo of the person")),
            Slot(
                "accessory",
                label=_("Accessory"),
                required=False,
                help_text=_("Glasses or a hat from the front, or one earring; of lips and hair its colour is taken."),
            ),
        ),
        params=AccessoryParams,
        load=_load_accessory,
        # The packaged segmenter tells hair from ground; promoted ones are for cut-outs. The mesh is an extra.
        digest=partial(weights.digest, "segment"),
        manifest=partial(weights.manifest, "segment"),
        lane="interactive",
        stands_in=False,
    )
)
