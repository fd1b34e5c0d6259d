"""Processes and ports on this machine: find, watch and ask them. Linux only (reads /proc)."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

HOST = "127.0.0.1"


class ServiceError(Exception):
    """A server that cannot be installed, started or stopped; the message says which and why."""


def find_program(name: str) -> str | None:
    """The full path of an installed program, or None."""
    # Debian keeps these programs out of PATH; the newest PostgreSQL comes first.
    folders = [os.environ["SERVICES_BIN"]] if "SERVICES_BIN" in os.environ else []
    folders += sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    folders += ["/usr/lib/rabbitmq/bin", os.environ.get("PATH", os.defpath)]
    return shutil.which(name, path=os.pathsep.join(folders))


def program(name: str) -> str:
    path = find_program(name)
    if path is None:
        raise ServiceError(f"{name} is not installed")
    return path


def wait_for(condition: Callable[[], bool], timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def process_state(pid: int) -> tuple[str, int]:
    """One-letter state and parent pid; ("X", 0) when there is no such process."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return "X", 0
    return state, int(parent)


def is_running(pid: int) -> bool:
    # A zombie that a container's first process never reaps is dead all the same.
    return process_state(pid)[0] not in "XZ"


def all_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def working_in(folder: Path) -> list[int]:
    """The running processes whose working directory is `folder`."""
    found = []
    for pid in all_pids():
        with suppress(OSError):  # it ended meanwhile, or is another user's
            if is_running(pid) and Path(f"/proc/{pid}/cwd").readlink() == folder:
                found.append(pid)
    return found


def family(pid: int) -> list[int]:
    """The process and all its descendants, ancestors first."""
    parents = {each: process_state(each)[1] for each in all_pids()}
    members = [pid]
    for member in members:  # grows while it is walked
        members += [child for child, parent in parents.items() if parent == member]
    return members


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def exchange(port: int, request: bytes) -> bytes:
    """The first bytes a server answers to `request`; empty when it does not answer."""
    try:
        with socket.create_connection((HOST, port), timeout=2) as connection:
            connection.sendall(request)
            return connection.recv(64)
    except OSError:
        return b""
