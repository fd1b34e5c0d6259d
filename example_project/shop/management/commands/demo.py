"""``python manage.py demo``: the whole way of a bad photo, from the shop's shelf to the approved result.

The database is migrated, the shop filled, a real Celery worker started, the bad photos submitted and watched.
Then come a table, the files and a contact sheet; with the shop's own photos also a cut-out, two shoppers who see
different pictures and rankings, and three who try garments on; with ``--serve`` the shop itself. Whatever was started
is stopped again, also after Ctrl-C.
"""

from __future__ import annotations

import contextlib
import importlib.util
import signal
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from rich.console import Console
from rich.markup import escape

from example_project.shop import stock
from example_project.shop.demo import fitting, photos, results, sheet, tastes
from example_project.shop.demo.process import WorkerDied, WorkerProcess
from example_project.shop.demo.watch import NothingHappens, Watched, watch
from shop_genai import submission
from shop_genai.errors import GenaiError

RECIPE = "enhance"
SCALES = (1, 2, 4)
PORT = 8000
WORKER_PACKAGES = ("torch", "safetensors", "numpy")


class Command(BaseCommand):
    help = "Fill the example shop, enhance its bad photos with a real worker, let shoppers see what suits them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--photos", type=Path, metavar="DIR", help="your own pictures instead of the shop's eight")
        parser.add_argument("--out", type=Path, metavar="DIR", help="where files go (default: demo-output)")
        parser.add_argument("--scale", type=int, choices=SCALES, default=2, help="times the width and height")
        parser.add_argument("--light", type=float, default=1.0, help="repair of exposure and colour cast, 0 to 1")
        parser.add_argument(
            "--serve",
            type=int,
            nargs="?",
            const=PORT,
            metavar="PORT",
            help=f"open the shop afterwards ({PORT})",
        )
        parser.add_argument("--no-worker", action="store_true", help="leave the work to a worker that runs already")
        again = parser.add_mutually_exclusive_group()
        again.add_argument(
            "--keep", action="store_true", default=True, help="show results that exist already (the default)"
        )
        again.add_argument("--fresh", action="store_true", help="forget earlier results and make them again")

    def handle(self, *args: Any, **options: Any) -> None:
        console = Console(file=options.get("stdout") or sys.stdout, highlight=False)
        check(options)
        out: Path = (options["out"] or settings.ROOT / "demo-output").resolve()
        out.mkdir(parents=True, exist_ok=True)
        with ending_on_sigterm():
            try:
                self.run(console, out, options)
            except GenaiError as error:
                raise CommandError(f"{error} [{error.code}]") from error
            except (WorkerDied, NothingHappens) as error:
                raise CommandError(str(error)) from error
            except KeyboardInterrupt:
                console.print("Stopped. Whatever was not finished stays in the queue.")
                raise SystemExit(130) from None

    def run(self, console: Console, out: Path, options: dict[str, Any]) -> None:
        console.print("[bold]1  Shop[/]")
        call_command("migrate", verbosity=0, interactive=False)
        shelves = stock.load()
        staff = stock.staff()
        console.print(
            f"   {shelves.products} products, {shelves.photos} photos, {shelves.reviews} reviews in "
            f"{escape(settings.DATABASES['default']['ENGINE'].rpartition('.')[2])}"
        )

        console.print("[bold]2  Queue[/]")
        sources = self.sources(console, shelves, staff, options["photos"])
        if options["fresh"]:
            forgotten = results.forget(RECIPE, sources, staff)
            console.print(f"   {forgotten} earlier jobs forgotten")
        submitted = submission.submit_many(
            [source.image for source in sources],
            recipe=RECIPE,
            params={"scale": options["scale"], "light": options["light"]},
            owner=staff,
        )
        done_before = sum(not one.created for one in submitted)
        console.print(
            f"   submitted: {len(submitted)}"
            + (f", of which asked for before: {done_before} (the same request is the same job)" if done_before else "")
        )

        with contextlib.ExitStack() as started:
            worker = None
            if not options["no_worker"]:
                console.print("[bold]3  Worker[/]")
                console.print(f"   starting; its log is {escape(str(out / 'worker.log'))}", soft_wrap=True)
                worker = started.enter_context(WorkerProcess(out / "worker.log"))
                if worker.wait_until_it_answers():
                    console.print("   it answers")

            def wait(watched: list[Watched]) -> None:
                try:
                    watch(watched, console, check=worker.check if worker else lambda: None)
                except KeyboardInterrupt:
                    console.print("\nStopping the worker. It may take half a minute; Ctrl-C again ends it at once.")
                    raise

            wait([Watched(one.job.id, escape(source.name)) for one, source in zip(submitted, sources, strict=True)])

            console.print("[bold]4  Results[/]")
            finished = results.collect(sources, [one.job.id for one in submitted])
            if not options["photos"]:
                results.approve(finished, staff)
            results.write_files(finished, out / "enhanced")
            console.print(results.table(finished))
            console.print(f"   Weights: {escape(results.weights(finished))}")
            pairs = results.pairs(finished)
            if pairs:
                sheet.write(pairs, out / "contact-sheet.jpg")
                console.print(f"   Files: {escape(str(out / 'enhanced'))}", soft_wrap=True)
                console.print(f"   Before and after: {escape(str(out / 'contact-sheet.jpg'))}", soft_wrap=True)
            failed = sum(one.result is None for one in finished)
            jobs = len(finished)
            if not options["photos"]:
                for failed_too, more in (tastes.show(console, out, staff, wait), fitting.show(console, out, wait)):
                    failed, jobs = failed + failed_too, jobs + more
            if options["serve"]:
                self.serve(console, options["serve"])
        if failed:
            raise CommandError(f"{failed} of {jobs} jobs did not succeed; the back office says why.")

    def sources(self, console: Console, shelves: stock.Stock, staff: Any, folder: Path | None) -> list[photos.Source]:
        """The photos to work on; what was refused is listed.

        Raises:
            CommandError: the folder holds no picture that can be used.
        """
        if folder is None:
            return photos.of_shop(shelves.phone_photos)
        taken, refused = photos.of_folder(folder, staff)
        for one in refused:
            console.print(f"   [yellow]refused[/] {escape(one.name)}: {escape(one.message)} \\[{one.code}]")
        if not taken:
            raise CommandError(f"{folder} holds no picture that the studio can work on.")
        return taken

    def serve(self, console: Console, port: int) -> None:
        """The shop, until Ctrl-C."""
        address = f"http://127.0.0.1:{port}/"
        console.print(
            f"[bold]Shop is open[/]\n   Shop         {address}\n   Back office  {address}admin/  "
            f"(name {stock.DEMO}, password {stock.DEMO})\n"
            f"   Shoppers     {address}login/  (name mei or jonas, password {stock.DEMO})\n"
            "   Ctrl-C closes it and stops the worker.\n"
        )
        with contextlib.suppress(SystemExit):  # how runserver answers Ctrl-C
            call_command("runserver", f"127.0.0.1:{port}", use_reloader=False, stdout=console.file)


def check(options: dict[str, Any]) -> None:
    """What would fail later, said before anything is done.

    Raises:
        CommandError: with what is missing and how to get it.
    """
    folder: Path | None = options["photos"]
    if folder is not None and not folder.is_dir():
        raise CommandError(f"{folder} is not a folder.")
    missing = [name for name in WORKER_PACKAGES if importlib.util.find_spec(name) is None]
    if missing and not options["no_worker"]:
        raise CommandError(
            f"The worker needs {', '.join(missing)} [torch_missing]. "
            "Install with: pip install -c constraints.txt -e '.[demo]'"
        )
    if options["serve"]:
        if not settings.DEBUG:
            raise CommandError("--serve is Django's development server and needs DEBUG=1. See docs/deployment.md.")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", options["serve"]))
            except (OSError, OverflowError) as error:
                raise CommandError(
                    f"Port {options['serve']} cannot be used ({error}). Take another: --serve 8001"
                ) from error


@contextlib.contextmanager
def ending_on_sigterm() -> Iterator[None]:
    """SIGTERM ends the demo as Ctrl-C does, so that the worker is stopped as well."""

    def end(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
