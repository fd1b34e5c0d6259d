"""The demo as people start it: in a process of its own, with a real worker on the broker made of files."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from PIL import Image

from example_project.shop.demo import sheet
from tests.conftest import draw_photo

ROOT = Path(__file__).parents[2]
sees_processes = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")


def command(folder: Path, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """The command line and its environment: the shop's own settings, SQLite and the broker made of files."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CELERY_BROKER_URL")}
    environment = {**kept, "SHOP_DATA": str(folder / "shop"), "DJANGO_SETTINGS_MODULE": "example_project.settings"}
    return [sys.executable, "manage.py", "demo", "--out", str(folder / "out"), *arguments], environment


def demo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    line, environment = command(folder, *arguments)
    return subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    line, environment = command(folder, *arguments)
    return subprocess.Popen(
        line,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # As in a terminal: what a script runs in its background ignores Ctrl-C, and its children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def fetched(address: str, running: subprocess.Popen[str]) -> str:
    """The page, as soon as somebody serves it."""
    until = time.monotonic() + 240
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return str(answer.read().decode())
        except urllib.error.URLError:
            assert running.poll() is None, running.communicate()[0]
            assert time.monotonic() < until
            time.sleep(0.2)


def said(done: subprocess.CompletedProcess[str]) -> str:
    """What was printed, without the line breaks of a narrow terminal."""
    return " ".join(done.stdout.split())


def workers_of(folder: Path) -> list[str]:
    """Celery processes that were started for this folder's shop and still run."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if str(folder).encode() in entry.read_bytes():
                found.append((entry.parent / "cmdline").read_text())
        except OSError:
            continue
    return [command for command in found if "celery" in command]


@pytest.fixture(scope="module")
def own_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    (folder / "mug.jpg").write_bytes(draw_photo(120, 90, quality=40))
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing more")
    (folder / "notes.txt").write_text("not a picture")
    return folder


@sees_processes
def test_own_photos_from_a_folder_to_a_contact_sheet(own_photos: Path, tmp_path: Path) -> None:
    first = demo(tmp_path, "--photos", str(own_photos))
    assert first.returncode == 0, first.stdout + first.stderr
    assert "refused broken.png" in said(first)
    assert "notes.txt" not in said(first)
    with Image.open(tmp_path / "out" / "enhanced" / "mug.jpg") as enhanced:
        assert enhanced.size == (240, 180)
    with Image.open(tmp_path / "out" / "contact-sheet.jpg") as drawn:
        assert drawn.width > 240
    assert workers_of(tmp_path) == []

    again = demo(tmp_path, "--photos", str(own_photos))
    assert again.returncode == 0, again.stdout + again.stderr
    assert "the same request is the same job" in said(again)


@sees_processes
def test_the_shop_opens_and_ctrl_c_closes_it_with_its_worker(own_photos: Path, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = started(tmp_path, "--photos", str(own_photos), "--scale", "1", "--serve", str(port))
    try:
        page = fetched(f"http://127.0.0.1:{port}/", running)
        assert "North Shore" in page
        assert workers_of(tmp_path) != []
    finally:
        running.send_signal(signal.SIGINT)
        text = running.communicate(timeout=60)[0]
    assert running.returncode == 0, text
    assert "password demo" in text
    assert workers_of(tmp_path) == []


@sees_processes
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_at_work_it_leaves_no_worker(number: signal.Signals, own_photos: Path, tmp_path: Path) -> None:
    running = started(tmp_path, "--photos", str(own_photos))
    until = time.monotonic() + 60
    while not workers_of(tmp_path):
        assert time.monotonic() < until
        time.sleep(0.05)
    running.send_signal(number)
    text = running.communicate(timeout=60)[0]
    assert running.returncode == 130, text
    assert "Stopped." in text
    assert "Traceback" not in text
    assert workers_of(tmp_path) == []


@pytest.mark.parametrize(("name", "sentence"), [("missing", "is not a folder"), ("empty", "holds no picture")])
def test_what_cannot_work_is_said_in_a_sentence(name: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = demo(tmp_path / "demo", "--photos", str(tmp_path / name))
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_sheet_has_a_row_for_each_photo(tmp_path: Path) -> None:
    pairs = [sheet.Pair(f"photo {n}", Image.new("RGB", (60, 80)), Image.new("RGB", (120, 160))) for n in range(3)]
    sheet.write(pairs[:1], tmp_path / "one.png")
    sheet.write(pairs, tmp_path / "three.png")
    with Image.open(tmp_path / "one.png") as one, Image.open(tmp_path / "three.png") as three:
        assert three.height > 2 * one.height
        assert three.width == one.width
