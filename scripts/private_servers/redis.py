"""Redis: Debian's defaults for persistence; `SERVICES_REDIS_APPENDONLY=yes` keeps each write."""

from __future__ import annotations

import os
import subprocess

from private_servers.processes import HOST, exchange, program
from private_servers.server import Service


class Redis(Service):
    name, package, main_program, default_port = "redis", "redis-server", "redis-server", 21379

    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def marker(self) -> str:
        return f"{HOST}:{self.port}"  # Redis rewrites its command line to this

    def launch(self) -> subprocess.Popen[bytes]:
        appendonly = os.environ.get("SERVICES_REDIS_APPENDONLY", "no")
        place = ("--bind", HOST, "--port", str(self.port), "--dir", str(self.folder))
        return self.spawn(program("redis-server"), *place, "--appendonly", appendonly)

    def answers(self) -> bool:
        return exchange(self.port, b"PING\r\n").startswith(b"+PONG")
