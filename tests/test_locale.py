"""Every word that people read exists in English and in Simplified Chinese, and says the same."""

from __future__ import annotations

import gettext
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.utils import translation

import shop_genai
from shop_genai import recipes
from shop_genai.admin.forms import ParameterForm
from shop_genai.admin.words import ADVICE, EVENTS
from shop_genai.models import Review, Status

PACKAGE = Path(shop_genai.__file__).parent
LANGUAGES = ["en", "zh_Hans"]
PLACEHOLDER = re.compile(r"%\(\w+\)[\w.]*[a-z]|%s|%d|\{\w+\}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# The same in every language.
NAMES = {"SHA-256"}


@dataclass
class Entry:
    msgid: str = ""
    plural: str = ""
    context: str = ""
    flags: str = ""
    translations: list[str] = field(default_factory=list)


def entries(po: Path) -> Iterator[Entry]:
    """The entries of a catalogue without its header."""
    for block in po.read_text(encoding="utf-8").split("\n\n"):
        entry, texts = Entry(), {}
        key = ""
        for line in block.splitlines():
            if line.startswith("#,"):
                entry.flags += line
            elif match := re.match(r'(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) "(.*)"$', line):
                key = match[1]
                texts[key] = match[2]
            elif key and line.startswith('"'):
                texts[key] += line[1:-1]
        if not texts.get("msgid"):
            continue
        entry.msgid, entry.plural = texts["msgid"], texts.get("msgid_plural", "")
        entry.context = texts.get("msgctxt", "")
        entry.translations = [text for name, text in texts.items() if name.startswith("msgstr")]
        yield entry


def catalogue(language: str) -> Path:
    return PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_missing_doubtful_or_obsolete(language: str) -> None:
    found = list(entries(catalogue(language)))
    assert len(found) > 300
    assert [entry.msgid for entry in found if not all(entry.translations) or "fuzzy" in entry.flags] == []
    assert "#~" not in catalogue(language).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_the_same(language: str) -> None:
    different = []
    for entry in entries(catalogue(language)):
        wanted = set(PLACEHOLDER.findall(entry.plural or entry.msgid))
        different += [(entry.msgid, text) for text in entry.translations if set(PLACEHOLDER.findall(text)) != wanted]
    assert different == []


def test_chinese_is_chinese() -> None:
    left = [entry.msgid for entry in entries(catalogue("zh_Hans")) if not CHINESE.search("".join(entry.translations))]
    assert set(left) == NAMES


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    po = catalogue(language)
    with po.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in entries(po):
        msgid, text = (value.replace('\\"', '"').replace("\\n", "\n") for value in (entry.msgid, entry.translations[0]))
        if entry.plural:
            assert compiled.ngettext(msgid, entry.plural, 1) == text
        elif entry.context:
            assert compiled.pgettext(entry.context, msgid) == text
        else:
            assert compiled.gettext(msgid) == text


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="GNU gettext is not installed")
def test_every_marked_string_is_in_the_catalogues(tmp_path: Path) -> None:
    copy = tmp_path / "shop_genai"
    left_out = shutil.ignore_patterns("__pycache__", "weights", "*.mo")
    shutil.copytree(PACKAGE, copy, ignore=left_out)
    command = [sys.executable, "-m", "django", "makemessages", "-l", "zh_Hans", "--no-location"]
    subprocess.run(command, cwd=copy, check=True, capture_output=True)
    known = {(entry.context, entry.msgid) for entry in entries(catalogue("zh_Hans"))}
    marked = {(entry.context, entry.msgid) for entry in entries(copy / "locale/zh_Hans/LC_MESSAGES/django.po")}
    assert marked - known == set(), "run makemessages in shop_genai/, then translate"
    assert known - marked == set(), "run makemessages in shop_genai/"


def test_what_lives_in_rooms_without_django_is_translated_too() -> None:
    with translation.override("zh-hans"):
        shown = [str(Status.QUEUED.label), str(Review.APPROVED.label), *map(str, EVENTS.values())]
        shown += map(str, ADVICE.values())
        for recipe in recipes.all_recipes():
            shown += [str(recipe.label), str(recipe.description)]
            fields = ParameterForm(recipe).fields.values()
            shown += [str(text) for field in fields for text in (field.label, field.help_text) if text]
    assert [text for text in shown if not CHINESE.search(text)] == []
