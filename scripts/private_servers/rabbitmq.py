"""RabbitMQ: one node with its own port mapper, cookie and no plugins; the guest user, on loopback."""

from __future__ import annotations

import os
import subprocess

from private_servers.processes import HOST, ServiceError, exchange, program
from private_servers.server import Service


class RabbitMQ(Service):
    name, package, main_program, default_port = "rabbitmq", "rabbitmq-server", "rabbitmq-server", 21672
    ports_used = 2  # AMQP and Erlang distribution; the next one is the port mapper's, which outlives kills

    def url(self) -> str:
        return f"amqp://guest:guest@{HOST}:{self.port}//"

    def environment(self) -> dict[str, str]:
        folder = str(self.folder)
        loopback = "-kernel inet_dist_use_interface {127,0,0,1}"
        quiet = "+sbwt none +sbwtdcpu none +sbwtdio none"  # no busy waiting on a shared machine
        return {
            "HOME": folder,  # the Erlang cookie is made here
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/none",  # not the system's
            "RABBITMQ_NODENAME": "shop_genai@localhost",  # the data belong to this name, whatever the port
            "RABBITMQ_DIST_PORT": str(self.port + 1),
            "ERL_EPMD_PORT": str(self.port + 2),
            "ERL_EPMD_ADDRESS": HOST,
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{folder}/none.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": f"{folder}/mnesia",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_PID_FILE": f"{folder}/pid",
            # One process, no shell script above it: the pid we know is the server's.
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-noinput {loopback} {quiet}",
        }

    def prepare(self) -> None:
        super().prepare()
        (self.folder / "enabled_plugins").write_text("[].\n")
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.local = {HOST}:{self.port}\n"
            "vm_memory_high_watermark.absolute = 512MiB\n"
            "disk_free_limit.absolute = 200MB\n"
            "log.file = false\n"
            "log.console = true\n"
            "log.console.level = warning\n"
            "log.connection.level = error\n"
        )

    def launch(self) -> subprocess.Popen[bytes]:
        return self.spawn(program("rabbitmq-server"), environment=self.environment())

    def answers(self) -> bool:
        # An AMQP 0-9-1 server answers this header with the frame Connection.Start (type 1, channel 0).
        return exchange(self.port, b"AMQP\x00\x00\x09\x01").startswith(b"\x01\x00\x00")

    def check_started(self) -> None:
        if self.tool("rabbitmq-diagnostics", "-q", "check_running").returncode != 0:
            raise ServiceError(f"rabbitmq: rabbitmq-diagnostics check_running fails; see {self.log_file}")

    def clean_up(self) -> None:
        self.tool("epmd", "-kill")  # the port mapper outlives its node

    def tool(self, name: str, *options: str) -> subprocess.CompletedProcess[bytes]:
        environment = {**os.environ, "LC_ALL": "C.UTF-8", **self.environment()}
        command = [program(name), *options]
        return subprocess.run(command, env=environment, cwd="/", capture_output=True, check=False)
