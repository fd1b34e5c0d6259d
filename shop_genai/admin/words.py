"""Names and sentences that the studio keeps in plain English elsewhere, in the reader's language.

Recipes and errors live in rooms that do not know Django, so their texts are translated here, where they show.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext, gettext_noop, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from shop_genai import recipes
from shop_genai.errors import UnknownRecipe

# The texts of the built-in recipes' parameters, for the translators.
BUILT_IN = (
    gettext_noop("Preset"),
    gettext_noop("Chooses the rest for each picture, from its size and its faults, and says why."),
    gettext_noop("As set below"),
    gettext_noop("Automatic"),
    gettext_noop("Catalogue, 1600 pixels"),
    gettext_noop("Marketplace, 2000 pixels, true to the original"),
    gettext_noop("Marketplace, 2000 pixels, on pure white"),
    gettext_noop("Zoom, 3000 pixels, crisp"),
    gettext_noop("Enlargement"),
    gettext_noop("Times the width and height. 1 cleans the picture without enlarging it."),
    gettext_noop("Sharpness"),
    gettext_noop("0 is the safest restoration, 1 the crispest; in between, the two are blended."),
    gettext_noop("Light"),
    gettext_noop("How much of a wrong exposure and of a colour cast is repaired: 0 nothing, 1 all of it."),
    gettext_noop("Background"),
    gettext_noop("What is seen around the product."),
    gettext_noop("Transparent"),
    gettext_noop("Pure white"),
    gettext_noop("One colour"),
    gettext_noop("Colour"),
    gettext_noop("Of the background, as #rrggbb. Counts for “One colour” only."),
    gettext_noop("Shadow"),
    gettext_noop("How dark the soft shadow is that a standing product casts where it touches the ground."),
    gettext_noop("Frame"),
    gettext_noop("How the product lies in the picture."),
    gettext_noop("As in the photo"),
    gettext_noop("Square, the product centred"),
    gettext_noop("Margin"),
    gettext_noop("Kept free on each side of a square picture, as a share of its side."),
    gettext_noop("Target"),
    gettext_noop("Where the new look comes from. With a second picture, its look is taken."),
    gettext_noop("New looks, drawn at random"),
    gettext_noop("A colour"),
    gettext_noop("A given look"),
    gettext_noop("The look of another picture"),
    gettext_noop("For the target “A colour”: a name such as navy or mustard, or #rrggbb."),
    gettext_noop("Look"),
    gettext_noop("For the target “A given look”: a look of these weights, as text."),
    gettext_noop("Strength"),
    gettext_noop("How far the look goes towards the target: 0 leaves the picture as it is, 1 is all of it."),
    gettext_noop("Number of looks"),
    gettext_noop("For new looks: so many are drawn together, as different from each other as possible."),
    gettext_noop("Which of them"),
    gettext_noop("For new looks: which of those drawn together this picture shows, counted from 0."),
    gettext_noop("Colours in stock"),
    gettext_noop("Colours that the shop really sells, separated by commas. Others are marked as previews."),
    gettext_noop("Only colours in stock"),
    gettext_noop("Moves the look to the nearest colour in stock."),
    gettext_noop("Category"),
    gettext_noop("Which garment of the picture is tried on, where a model wears several."),
    gettext_noop("As the garment's picture shows"),
    gettext_noop("Upper body"),
    gettext_noop("Trousers, shorts, skirts"),
    gettext_noop("Dresses"),
    gettext_noop("Hem"),
    gettext_noop("Whether the hem of a top goes into the trousers or skirt, or hangs over them."),
    gettext_noop("As long as it is"),
    gettext_noop("Tucked in"),
    gettext_noop("Worn over"),
    gettext_noop("Open jacket"),
    gettext_noop("Whether an open jacket or cardigan in the person's photo stays on, over the new garment."),
    gettext_noop("Keep"),
    gettext_noop("Take off"),
    gettext_noop("Method"),
    gettext_noop("landmark_gan: warped and composed; warp_only: warped and pasted; or one that the shop added."),
    gettext_noop("Accessory"),
    gettext_noop("What is put on, or what is coloured."),
    gettext_noop("Glasses"),
    gettext_noop("Sunglasses"),
    gettext_noop("Earrings"),
    gettext_noop("Hat"),
    gettext_noop("Lipstick"),
    gettext_noop("Hair colour"),
    gettext_noop("Style"),
    gettext_noop("Its form, or the finish of a lipstick. It is not used with a picture of the accessory."),
    gettext_noop("As usual"),
    gettext_noop("Round"),
    gettext_noop("Square"),
    gettext_noop("Cat eye"),
    gettext_noop("Aviator"),
    gettext_noop("Hoop"),
    gettext_noop("Stud"),
    gettext_noop("Drop"),
    gettext_noop("Beanie"),
    gettext_noop("Cap"),
    gettext_noop("Fedora"),
    gettext_noop("Sun hat"),
    gettext_noop("Satin"),
    gettext_noop("Matte"),
    gettext_noop("Gloss"),
    gettext_noop("Natural"),
    gettext_noop("As #rrggbb, or auto: the style's own, or that of the accessory's picture."),
    gettext_noop("Of lipstick and hair colour, and how dark sunglasses are: 0 is nothing, 1 all of it."),
    gettext_noop("Size"),
    gettext_noop("Of what is put on: 1 fits the face."),
)

# Why the enhancer did what it did, by the code of each reason; the same sentences as in its presets.
REASONS: dict[str, Any] = {
    "small": _("The longer side has %(long)d pixels, %(aim)d are wanted: enlarged %(scale)d times."),
    "small_shrunk": _(
        "The longer side has %(long)d pixels, %(aim)d are wanted: enlarged %(scale)d times, then shrunk."
    ),
    "too_small": _("The longer side has %(long)d pixels, %(aim)d are wanted: enlarged %(scale)d times, not more."),
    "large_enough": _("The longer side has %(long)d pixels, enough for the %(aim)d that are wanted: not enlarged."),
    "noisy": _("Noise of %(noise).1f steps of 255: cleaned, with a sharpness of %(strength).2f."),
    "blocky": _("JPEG blocks show (%(blockiness).1f, 1 is none): cleaned, with a sharpness of %(strength).2f."),
    "blurred": _("The sharpest edges are blurred over %(blur).1f pixels: restored with a sharpness of %(strength).2f."),
    "dark": _("The brightest parts reach %(white)d of 255: exposure is repaired by up to %(light)d percent."),
    "cast": _(
        "The brightest parts are tinted by %(cast)d steps of 255: colour is repaired by up to %(light)d percent."
    ),
    "already_good": _("No noise, JPEG blocks or blur worth mentioning: left exactly as it is."),
    "light_unavailable": _("These weights cannot repair light and colour: both are left as they are."),
    "on_white": _("The product is cut out and put on pure white."),
    "strength_unavailable": _("These weights know one sharpness only, which was used."),
}

# Actions that say more than “RECIPE selected…”.
ACTIONS: dict[str, Any] = {
    "cutout": _("Make cutout…"),
    "variant": _("Generate variants…"),
    "accessory": _("Put accessories on…"),
}

# Names of colours as the studio finds them in a picture; one that is not named here shows as it is.
COLOURS: dict[str, Any] = {
    "beige": _("beige"),
    "black": _("black"),
    "blue": _("blue"),
    "brown": _("brown"),
    "burgundy": _("burgundy"),
    "coral": _("coral"),
    "cream": _("cream"),
    "green": _("green"),
    "grey": _("grey"),
    "khaki": _("khaki"),
    "lavender": _("lavender"),
    "light blue": _("light blue"),
    "magenta": _("magenta"),
    "mint": _("mint"),
    "mustard": _("mustard"),
    "navy": _("navy"),
    "olive": _("olive"),
    "orange": _("orange"),
    "peach": _("peach"),
    "pink": _("pink"),
    "plum": _("plum"),
    "purple": _("purple"),
    "red": _("red"),
    "rust": _("rust"),
    "sand": _("sand"),
    "teal": _("teal"),
    "turquoise": _("turquoise"),
    "white": _("white"),
    "yellow": _("yellow"),
}

# Parameters that the studio computes for itself: numbers of a latent space, lists that it fills in.
INTERNAL = {"variant": ("look", "number", "stocked")}

EVENTS: dict[str, Any] = {
    "queued": pgettext_lazy("job event", "Queued"),
    "claimed": pgettext_lazy("job event", "Taken by a worker"),
    "succeeded": pgettext_lazy("job event", "Succeeded"),
    "failed": pgettext_lazy("job event", "Failed"),
    "retrying": pgettext_lazy("job event", "Failed, will try again"),
    "crashed": pgettext_lazy("job event", "Its worker disappeared"),
    "dead": pgettext_lazy("job event", "Given up: it killed its worker too often"),
    "cancel_requested": pgettext_lazy("job event", "Cancel requested"),
    "cancelled": pgettext_lazy("job event", "Cancelled"),
    "expired": pgettext_lazy("job event", "Deadline passed"),
    "given_back": pgettext_lazy("job event", "Given back by a worker that was stopped"),
    "retried": pgettext_lazy("job event", "Queued again by a person"),
}

# What the built-in pipelines say of their work; a fact that is not named here shows under its own name.
PIPELINE_FACTS: dict[str, Any] = {
    "weights_version": _("Version of the weights"),
    "dtype": _("Number format"),
    "decision": _("Decision"),
    "mask_source": _("How the product was found"),
    "kind": _("Kind of picture"),
    "confidence": _("Confidence"),
    "box": _("Edges of the product"),
    "cut_off": _("Cut off by the photo at"),
    "segment_weights": _("Weights of the segmenter"),
}

# What a merchandiser can do about an error, by its stable code.
ADVICE: dict[str, Any] = {
    "input_missing": _("Put the picture's file back, then retry the job."),
    "input_changed": _("The shop's picture changed after the job was queued. Generate from it again."),
    "storage_unavailable": _("The file storage does not answer. The job tries again by itself."),
    "weights_missing": _("Ask your operator to install the weights of this recipe on the worker, then retry."),
    "weights_tampered": _("The weights file differs from its manifest. Ask your operator to install it afresh."),
    "weights_error": _("The weights cannot be used. Ask your operator to check them."),
    "weights_unsupported": _("The weights file holds no network that the studio can run. Tell your operator."),
    "light_unavailable": _("Set light to 0, or ask your operator for weights that repair it."),
    "torch_missing": _("The worker was installed without PyTorch. Ask your operator for shop-genai[worker]."),
    "out_of_memory": _("The picture did not fit into the device's memory. Try a smaller enlargement."),
    "unknown_recipe": _("This recipe is not installed any more."),
    "pipeline_failed": _("An unforeseen error: the worker's log has the details. Retry, or tell your operator."),
    "image_too_large": _("Use a picture with fewer pixels."),
    "image_too_small": _("Use a larger picture."),
    "image_truncated": _("The file is incomplete. Upload the picture again."),
    "not_an_image": _("The file is not a picture. Upload the right one."),
    "format_not_allowed": _("Save the picture as JPEG, PNG or WebP and upload it again."),
    "image_animated": _("Use a still picture."),
    "image_refused": _("This picture cannot be read. Save it again as JPEG or PNG and upload it."),
    "product_not_found": _("Use a picture that shows the product larger, or give a mask of it."),
    "tryon_refused": _("Use another photo of the person, or another picture of the garment."),
    "no_person": _("Use a photo that shows one person from head to hips."),
    "multiple_people": _("Use a photo that shows one person alone."),
    "not_front_facing": _("Use a photo in which the person faces the camera."),
    "torso_cut_off": _("Use a photo that shows the person from the shoulders to below the hips."),
    "garment_not_found": _("Use a picture that shows the garment alone and larger, or give a mask of it."),
    "category_unsupported": _("Choose another garment: this kind cannot be tried on with this method."),
    "consent_missing": _("The shopper has to agree to the try-on's text first."),
    "tryon_limit_reached": _("The shopper may go on tomorrow; the setting TRYON_MAX_PER_DAY says how often a day."),
    "weights_not_commercial": _("The licence of this method forbids commercial use. Choose another method."),
    "backend_unavailable": _("The try-on method does not answer. The job tries again by itself."),
    "extra_missing": _("The worker lacks an optional package. Ask your operator to install it."),
    "invalid_params": _("Generate again with other parameters."),
    "worker_crashed": _("Its worker died again and again. Retry once; if it happens again, tell your operator."),
    "deadline_passed": _("No worker was free in time. Check that workers run, then retry."),
}


def recipe_label(name: str) -> str:
    """The label of a recipe; its bare name when it is not installed any more."""
    try:
        return str(recipes.get(name).label)
    except UnknownRecipe:
        return name


def recipe_labels() -> list[tuple[str, str]]:
    return [(recipe.name, str(recipe.label)) for recipe in recipes.all_recipes()]


def action_label(recipe: recipes.Recipe, one: bool = False) -> str:
    """What starts a recipe for chosen pictures, or for the one whose page it stands on."""
    known = ACTIONS.get(recipe.name)
    if known:
        return str(known)
    return f"{recipe.label}…" if one else gettext("%(recipe)s selected…") % {"recipe": recipe.label}


def colour_label(name: str) -> str:
    """A colour's name in the reader's language; ``#rrggbb`` stays."""
    return str(COLOURS.get(name, name))


def slot_label(name: str, slot: str) -> str:
    """What the recipe calls one of its input pictures; the bare slot when either is gone."""
    try:
        slots = recipes.get(name).slots
    except UnknownRecipe:
        return slot
    return next((str(known.label) for known in slots if known.name == slot and known.label), slot)


def decision(found: dict[str, Any]) -> str:
    """The reasons of a decision as sentences; those with a code that is not known here keep their English text."""
    sentences = []
    for reason in found.get("reasons", []):
        known = REASONS.get(reason.get("code"))
        sentences.append(str(known) % reason["figures"] if known else str(reason.get("text", "")))
    return " ".join(sentences)


def parameters(name: str, params: dict[str, Any]) -> list[tuple[str, Any]]:
    """A job's parameters with the labels of their recipe, without what only the studio can read."""
    try:
        labels = {entry["name"]: gettext(str(entry["label"])) for entry in recipes.get(name).describe()}
    except UnknownRecipe:
        labels = {}
    internal = INTERNAL.get(name, ())
    return [(labels.get(key, key), value) for key, value in params.items() if key not in internal]
