"""What a merchandiser can ask of variants: towards what, how many, how strong."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop_genai.admin.words import colour_label
from shop_genai.generation.variant.colours import NAMES, is_hex
from shop_genai.generation.variant.params import MOST
from shop_genai.models import Lane, Shopper

LISTED = 200  # shoppers to choose from; any other one's own page leads here with that one chosen


class Target(models.TextChoices):
    """Where the new looks come from."""

    PRIOR = "prior", _("New looks that the network invents")
    STOCKED = "stocked", _("New looks, but only in colours that the shop stocks")
    COLOUR = "colour", _("The colours chosen below")
    SHOPPER = "shopper", _("The taste of the shopper chosen below")


class VariantForm(forms.Form):
    """After ``is_valid()``, ``wanted()`` holds the arguments of ``variants.submit`` and ``each`` how many per picture.

    Args:
        shoppers: whose taste this person may aim at; none: the choice is not offered.
        chosen: the one that the page was opened for.
    """

    target = forms.ChoiceField(label=_("What they look like"), initial=Target.PRIOR, widget=forms.RadioSelect)
    colours = forms.MultipleChoiceField(label=_("Colours"), required=False, widget=forms.CheckboxSelectMultiple)
    own_colours = forms.CharField(
        label=_("Other colours"),
        required=False,
        max_length=200,
        help_text=_("As #rrggbb, several with commas between them: #c8a24a, #14213d."),
    )
    shopper = forms.ModelChoiceField(
        label=_("Shopper"),
        queryset=Shopper.objects.none(),
        required=False,
        help_text=_("Those who agreed to be remembered, the newest first."),
    )
    count = forms.IntegerField(
        label=_("How many looks"),
        initial=4,
        min_value=1,
        max_value=MOST,
        help_text=_("New looks of each picture. Chosen colours make one picture each, and so does a taste."),
    )
    strength = forms.FloatField(
        label=_("Strength"),
        initial=1.0,
        min_value=0.0,
        max_value=1.0,
        help_text=_("0 leaves the picture as it is, 1 goes all the way to the new look."),
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        initial=0,
        min_value=0,
        max_value=2**31 - 1,
        help_text=_("Another number gives other looks; the same number gives the same looks again."),
    )
    lane = forms.ChoiceField(
        label=_("Lane"),
        choices=Lane.choices,
        initial=Lane.BULK,
        help_text=_("Interactive jobs go first. Choose bulk for many pictures that nobody waits for."),
    )

    def __init__(
        self, *args: Any, shoppers: models.QuerySet[Shopper] | None, chosen: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["colours"].choices = [(name, colour_label(name)) for name in NAMES]
        fields["target"].choices = [
            choice for choice in Target.choices if shoppers is not None or choice[0] != Target.SHOPPER
        ]
        if shoppers is None:
            del fields["shopper"]
            return
        fields["shopper"].queryset = shoppers
        fields["shopper"].choices = [("", "–"), *((one.pk, str(one)) for one in shoppers[:LISTED])]
        if chosen is not None:
            self.initial = {**self.initial, "target": Target.SHOPPER, "shopper": chosen.pk}
            if all(value != chosen.pk for value, _label in fields["shopper"].choices):
                fields["shopper"].choices = [*fields["shopper"].choices, (chosen.pk, str(chosen))]

    def clean_own_colours(self) -> list[str]:
        given = [part.strip() for part in self.cleaned_data["own_colours"].split(",") if part.strip()]
        for part in given:
            if not is_hex(part):
                raise forms.ValidationError(gettext("“%(colour)s” is not written as #rrggbb.") % {"colour": part})
        return [part.lower() for part in given]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        target = cleaned.get("target")
        if target == Target.COLOUR and not self.errors and not self.chosen_colours():
            self.add_error("colours", gettext("Choose a colour, or write one under “Other colours”."))
        if target == Target.SHOPPER and "shopper" not in self.errors and cleaned.get("shopper") is None:
            self.add_error("shopper", gettext("Choose whose taste it shall be."))
        return cleaned

    def chosen_colours(self) -> list[str]:
        return list(dict.fromkeys([*self.cleaned_data.get("colours", []), *self.cleaned_data.get("own_colours", [])]))

    @property
    def each(self) -> int:
        """New pictures of one picture."""
        target = self.cleaned_data["target"]
        if target == Target.COLOUR:
            return len(self.chosen_colours())
        return 1 if target == Target.SHOPPER else int(self.cleaned_data["count"])

    def wanted(self) -> dict[str, Any]:
        """What ``variants.submit`` wants to know, but for the pictures and the owner."""
        target = self.cleaned_data["target"]
        return {
            "target": "prior" if target == Target.STOCKED else str(target),
            "count": self.cleaned_data["count"],
            "strength": self.cleaned_data["strength"],
            "seed": self.cleaned_data["seed"],
            "colours": tuple(self.chosen_colours()) if target == Target.COLOUR else (),
            "shopper": self.cleaned_data["shopper"] if target == Target.SHOPPER else None,
            "stocked_only": target == Target.STOCKED,
            "lane": self.cleaned_data["lane"],
        }
