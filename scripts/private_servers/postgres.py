"""PostgreSQL: durable settings, one database, the role of the same name may do everything."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

from private_servers.processes import HOST, ServiceError, program, wait_for, working_in
from private_servers.server import HOME, START_TIMEOUT, STOP_TIMEOUT, Service


class Postgres(Service):
    name, package, main_program, default_port = "postgres", "postgresql", "initdb", 21432
    stop_signal = signal.SIGINT  # "fast": open connections are closed, not waited for
    database = "shop_genai"  # also the role's name

    def __init__(self) -> None:
        super().__init__()
        # PostgreSQL refuses to run as root; Debian's user for it must be able to reach the folder.
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user and not all(parent.stat().st_mode & 0o001 for parent in HOME.parents if parent.exists()):
            digest = hashlib.sha256(bytes(HOME)).hexdigest()[:12]
            self.folder = Path(f"/var/tmp/shop-genai-postgres-{digest}")  # noqa: S108 - made and owned by root
        self.data = self.folder / "data"

    def url(self) -> str:
        return f"postgres://{self.database}:{self.database}@{HOST}:{self.port}/{self.database}"

    def prepare(self) -> None:
        super().prepare()
        if self.data.exists():
            return
        if self.user:
            shutil.chown(self.folder, self.user, self.user)
        # Made under another name: an interrupted `initdb` leaves nothing that looks finished.
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        options = ("--auth=trust", f"--username={self.database}", "--encoding=UTF8", "--locale=C.UTF-8")
        made = self.spawn(program("initdb"), "-D", str(unfinished), *options, user=self.user)
        if made.wait(START_TIMEOUT) != 0:
            raise ServiceError(f"postgres: initdb failed; see {self.log_file}")
        unfinished.rename(self.data)

    def clear_lock(self) -> None:
        """Remove a killed server's lock file, once nothing of that server is left.

        PostgreSQL does this itself, except while the dead process waits to be reaped as a zombie.
        """
        if not wait_for(lambda: not working_in(self.data), STOP_TIMEOUT):
            raise ServiceError(f"postgres: pids {working_in(self.data)} still run in {self.data}")
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def launch(self) -> subprocess.Popen[bytes]:
        # Fault tests rely on a commit surviving SIGKILL, hence fsync and synchronous_commit said aloud.
        settings = {
            "listen_addresses": HOST,
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
            "fsync": "on",
            "synchronous_commit": "on",
        }
        self.clear_lock()
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return self.spawn(program("postgres"), "-D", str(self.data), *options, user=self.user)

    def answers(self) -> bool:
        return self.query("SELECT 1") == "1"

    def query(self, sql: str) -> str:
        server = ("-h", HOST, "-p", str(self.port), "-U", self.database)
        command = [program("psql"), "-XAtq", *server, "-c", sql, "postgres"]
        environment = {**os.environ, "PGCONNECT_TIMEOUT": "3"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    def start(self) -> None:
        super().start()
        if self.database not in self.query("SELECT datname FROM pg_database").splitlines():
            self.query(f"CREATE DATABASE {self.database}")
