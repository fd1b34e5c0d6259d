"""What README and docs tell people to type or to import exists under that name."""

from __future__ import annotations

import argparse
import ast
import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.template import Context, Template
from django.urls import resolve

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {str(page.relative_to(ROOT)): page for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]}
LARGEST_PICTURE = 300 * 1024  # bytes

pages = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)


def code(page: Path) -> str:
    """Everything between backticks, lines of blocks and inline alike."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))
    return "\n".join([*blocks, *inline])


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    """All options of a command, those of its kinds included."""
    found = {option for action in parser._actions for option in action.option_strings}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found |= {option for each in action.choices.values() for option in options_of(each)}
    return found


@pages
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_the_readme_has_the_measured_figures() -> None:
    subprocess.run([sys.executable, ROOT / "scripts" / "figures", "--check"], check=True)


def test_the_readme_names_the_two_commands_that_set_everything_up() -> None:
    assert "pip install -c constraints.txt -e '.[demo]' && python manage.py demo" in README
    assert "pip install -c constraints.txt -e '.[test]' && python -m pytest" in README


@pages
def test_every_management_command_exists_and_takes_its_options(page: Path) -> None:
    known = get_commands()
    for line in re.findall(r"manage\.py ([a-z_]+(?: [^\n#|&;]*)?)", code(page)):
        name, *rest = shlex.split(line.replace("…", ""))
        assert name in known, line
        parser = load_command_class(known[name], name).create_parser("manage.py", name)
        understood = options_of(parser)
        options = {word.strip("[]").partition("=")[0] for word in rest if word.strip("[]").startswith("--")}
        assert options <= understood, line


@pages
def test_every_python_module_that_is_run_or_imported_exists(page: Path) -> None:
    text = code(page)
    for module in re.findall(r"python -m ((?:benchmarks|tests|shop_genai|example_project)[\w.]*)", text):
        assert import_module(module)
    for module, names in re.findall(r"from (shop_genai[\w.]*|example_project[\w.]*) import ([\w, ]+)", text):
        for name in names.split(","):
            assert hasattr(import_module(module), name.strip()), f"{module}.{name}"


@pages
def test_every_benchmark_exists(page: Path) -> None:
    for name in re.findall(r"python -m benchmarks ([a-z]+)", code(page)):
        assert (ROOT / "benchmarks" / f"{name}.py").exists()


@pages
def test_every_script_exists(page: Path) -> None:
    for name in re.findall(r"\bscripts/(\w+)", code(page)):
        assert (ROOT / "scripts" / name).exists()


def test_the_readmes_python_is_python_and_its_settings_are_known() -> None:
    from shop_genai.conf import DEFAULTS

    blocks = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    settings = next(
        node
        for block in blocks
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SHOP_GENAI"
    )
    assert set(ast.literal_eval(settings.value)) <= set(DEFAULTS)


@pytest.mark.django_db
@pytest.mark.parametrize("block", re.findall(r"```html\n(.*?)```", README, flags=re.DOTALL))
def test_the_readmes_templates_render(block: str) -> None:
    assert Template(block).render(Context({"photos": [], "product": None})).strip() == ""


def test_the_readmes_addresses_answer() -> None:
    [row] = re.findall(r"REST at `/genai/api/v1/`: (.*?) \|", README)
    addresses = re.findall(r"`([^`]+)`", row)
    assert addresses
    for address in addresses:
        path = address.replace("{id}", "00000000-0000-0000-0000-000000000000")
        assert resolve(f"/genai/api/v1/{path}").url_name, address
    for probe in re.findall(r"`((?:healthz|readyz)/)`", README):
        assert resolve(f"/genai/{probe}").url_name


@pytest.mark.parametrize("name", re.findall(r"docs/pictures/[\w-]+\.webp", README))
def test_pictures_load_quickly(name: str) -> None:
    assert (ROOT / name).stat().st_size <= LARGEST_PICTURE
