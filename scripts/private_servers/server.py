"""One private server: the part that all of them share."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from private_servers.processes import ServiceError, family, is_free, is_running, wait_for

SCRIPTS = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("SERVICES_HOME") or SCRIPTS.parent / ".services").resolve()
START_TIMEOUT = 240.0  # seconds; recovery after a kill and a busy machine included
STOP_TIMEOUT = 60.0  # seconds


class Service:
    """How to prepare, run, ask and end one server."""

    name: str
    package: str
    main_program: str
    default_port: int  # below 32768: no outgoing connection can hold it
    ports_used = 1  # consecutive, from `port`
    stop_signal = signal.SIGTERM

    def __init__(self) -> None:
        self.folder = HOME / self.name
        self.log_file = HOME / f"{self.name}.log"
        self.pid_file = HOME / f"{self.name}.pid"
        self.port_file = HOME / f"{self.name}.port"
        self.asked_port = os.environ.get(f"SERVICES_{self.name.upper()}_PORT")

    @property
    def port(self) -> int:
        """The port it was started on; before a start, the one asked for or the default."""
        if self.port_file.exists():
            return int(self.port_file.read_text())
        return int(self.asked_port or self.default_port)

    def url(self) -> str:
        raise NotImplementedError

    def marker(self) -> str:
        """Text in this server's command line that no other process has."""
        return str(self.folder)

    def prepare(self) -> None:
        """Make what a start needs; called before each."""
        self.folder.mkdir(exist_ok=True)

    def launch(self) -> subprocess.Popen[bytes]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def check_started(self) -> None:
        """A slower look than `answers`, once after a start."""

    def clean_up(self) -> None:
        """What remains to be done once the server has stopped."""

    def pid(self) -> int | None:
        """The running server's pid; None when it does not run."""
        try:
            pid = int(self.pid_file.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (OSError, ValueError):
            return None
        # The pid may have passed to a stranger since; that one is not ours to stop.
        return pid if is_running(pid) and self.marker() in command else None

    def spawn(
        self, *command: str, environment: dict[str, str] | None = None, user: str | None = None
    ) -> subprocess.Popen[bytes]:
        with self.log_file.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env={**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=[] if user else None,
            )

    def choose_port(self) -> None:
        """Keep the recorded port, so that clients find a killed server again; else record a free one."""
        if self.asked_port or self.port_file.exists():
            candidates = [int(self.asked_port or self.port)]
        else:  # another clone may hold the default
            candidates = [self.default_port + 10 * step for step in range(50)]
        for port in candidates:
            if all(map(is_free, range(port, port + self.ports_used))):
                self.port_file.write_text(str(port))
                return
        variable = f"SERVICES_{self.name.upper()}_PORT"
        raise ServiceError(f"{self.name}: port {candidates[0]} is taken; set {variable}")

    def start(self) -> None:
        if self.pid() is None:
            self.choose_port()
            self.prepare()
            server = self.launch()
            self.pid_file.write_text(str(server.pid))
            wait_for(lambda: server.poll() is not None or self.answers(), START_TIMEOUT)
            if server.poll() is not None or not self.answers():
                tail = "\n".join(self.log_file.read_text(errors="replace").splitlines()[-15:])
                self.end(signal.SIGKILL)
                raise ServiceError(f"{self.name} did not come up; the end of {self.log_file}:\n{tail}")
            self.check_started()
        elif not wait_for(self.answers, START_TIMEOUT):
            raise ServiceError(f"{self.name}: pid {self.pid()} runs but does not answer; see {self.log_file}")

    def end(self, number: signal.Signals) -> None:
        """Send the signal and wait until the server and its children are gone."""
        pid = self.pid()
        members = family(pid) if pid else []
        # Killed: all of them, as in a crash of the machine, the parent first so that it sees no child die.
        for member in members if number == signal.SIGKILL else members[:1]:
            with suppress(ProcessLookupError):
                os.kill(member, number)
        if not wait_for(lambda: not any(map(is_running, members)), STOP_TIMEOUT):
            raise ServiceError(f"{self.name}: pid {pid} outlived {number.name} by {STOP_TIMEOUT:.0f} s")

    def stop(self) -> None:
        self.end(self.stop_signal)
        self.clean_up()
        self.pid_file.unlink(missing_ok=True)
        self.port_file.unlink(missing_ok=True)
