"""Real Kafka brokers on loopback: started, killed with `kill -9`, started again on the same ports and folders, and always ended.

A broker ends with the process that started it, however that one ends: a guard beside it reads a pipe that closes then.
"""

import os
import signal
import socket
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from random import Random
from time import monotonic, sleep
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

_FETCH = Path(__file__).parents[1] / "deploy" / "kafka" / "jars.sh"
_PATIENCE = 240.0  # seconds; a start takes three or four on two idle cores
_LOOK_AGAIN = 0.05  # seconds
_ANSWERED_WITHIN = 5.0  # seconds
_PORTS = range(20_000, 30_000)  # below those that the kernel gives to clients, so that a killed broker finds its own free again
_JVM = ("-Xmx512M", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")  # a broker that lives for minutes does not earn the second compiler back
_GUARD = '"$@" >&2 & echo $!; cat >/dev/null; kill -9 $!'
_LOGGING = """\
status = ERROR
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %c %m%n
rootLogger.level = WARN
rootLogger.appenderRef.out.ref = out
"""


@dataclass
class _Node:
    """One broker, which is a controller too."""

    number: int
    folder: Path
    port: int
    controller_port: int
    guard: "subprocess.Popen[str] | None" = None
    pid: int = 0


@dataclass
class Brokers:
    """A cluster of `count` brokers below `folder`; three keep three copies of everything, two of them in step."""

    count: int
    folder: Path
    _nodes: list[_Node] = field(init=False)

    def __post_init__(self) -> None:
        ports = free_ports(2 * self.count, str(self.folder))
        self._nodes = [_Node(n + 1, self.folder / f"broker-{n + 1}", ports[2 * n], ports[2 * n + 1]) for n in range(self.count)]

    @property
    def bootstrap(self) -> str:
        """Where every broker listens, killed ones too, as a client wants it."""
        return ",".join(f"127.0.0.1:{node.port}" for node in self._nodes)

    def start(self) -> None:
        """Make the folders where they are not there, start every broker and return when all of them answer."""
        self._format([node for node in self._nodes if not node.folder.exists()])
        for node in self._nodes:
            self._spawn(node)
        self._wait()

    def kill(self, number: int) -> None:
        """End the broker of this number, from 1, without a word of warning."""
        node = self._nodes[number - 1]
        if node.guard is not None:
            os.kill(node.pid, signal.SIGKILL)  # its guard has not reaped it, so the id is still its own
            self._end(node)

    def restart(self, number: int) -> None:
        """Start a killed broker again, on its port and folder, and return when the whole cluster answers."""
        self.kill(number)
        self._spawn(self._nodes[number - 1])
        self._wait()

    def stop(self) -> None:
        """End every broker; the folders stay."""
        for node in self._nodes:
            self._end(node)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _wait(self) -> None:
        wait_for([f"127.0.0.1:{node.port}" for node in self._nodes if node.guard is not None])

    def _format(self, nodes: list[_Node]) -> None:
        cluster = urlsafe_b64encode(b"kafka" + sha256(str(self.folder).encode()).digest()[:11]).decode().rstrip("=")  # it may not begin with a dash
        running = []
        for node in nodes:
            node.folder.mkdir(parents=True)
            (node.folder / "server.properties").write_text("\n".join(f"{name}={value}" for name, value in self._properties(node).items()))
            (node.folder / "log4j2.properties").write_text(_LOGGING)
            alone = ["--standalone"] if self.count == 1 else []
            running.append(
                subprocess.Popen(self._java(node, "kafka.tools.StorageTool", "format", *alone, "-t", cluster, "-c"), stdout=subprocess.DEVNULL)
            )
        if sum(one.wait(_PATIENCE) for one in running):
            raise RuntimeError("a broker's folder could not be made")

    def _properties(self, node: _Node) -> dict[str, object]:
        copies = min(3, self.count)
        voters = ",".join(f"{one.number}@127.0.0.1:{one.controller_port}" for one in self._nodes)
        quorum = (
            {"controller.quorum.bootstrap.servers": f"127.0.0.1:{node.controller_port}"} if self.count == 1 else {"controller.quorum.voters": voters}
        )
        return quorum | {
            "process.roles": "broker,controller",
            "node.id": node.number,
            "listeners": f"PLAINTEXT://127.0.0.1:{node.port},CONTROLLER://127.0.0.1:{node.controller_port}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{node.port}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "log.dirs": node.folder / "data",
            "auto.create.topics.enable": "false",
            "default.replication.factor": copies,
            "min.insync.replicas": max(1, copies - 1),
            "broker.heartbeat.interval.ms": 1_000,
            "broker.session.timeout.ms": 6_000,  # a killed broker is let in again only when its old session has ended
            "group.initial.rebalance.delay.ms": 0,
            "log.cleaner.dedupe.buffer.size": 4 * 1024 * 1024,
            "offsets.topic.num.partitions": 4,
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.num.partitions": 4,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": max(1, copies - 1),
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": max(1, copies - 1),
        }

    def _spawn(self, node: _Node) -> None:
        with (node.folder / "output").open("a") as output:
            node.guard = subprocess.Popen(
                ["sh", "-c", _GUARD, "guard", *self._java(node, "kafka.Kafka")],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, text=True, start_new_session=True,
            )  # fmt: skip
        assert node.guard.stdout is not None
        node.pid = int(node.guard.stdout.readline())

    @staticmethod
    def _java(node: _Node, *command: str) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={node.folder / 'log4j2.properties'}"
        return ["java", *_JVM, logging, "-cp", f"{jars()}/*", *command, str(node.folder / "server.properties")]

    @staticmethod
    def _end(node: _Node) -> None:
        if node.guard is not None:
            node.guard.communicate()
            node.guard = None


@cache
def jars() -> str:
    """The folder of the brokers' jars, fetched where they are not there yet."""
    return subprocess.run([_FETCH], check=True, capture_output=True, text=True).stdout.strip()


def free_ports(count: int, seed: str) -> list[int]:
    """So many ports of loopback where nobody listens; another seed begins the search elsewhere."""
    random, found = Random(seed), set[int]()
    while len(found) < count:
        port = random.choice(_PORTS)
        if not listens(f"127.0.0.1:{port}"):
            found.add(port)
    return sorted(found)


def listens(address: str) -> bool:
    """Whether somebody listens there."""
    host, port = address.split(":")
    with closing(socket.socket()) as tried:
        return tried.connect_ex((host, int(port))) == 0


def wait_for(addresses: list[str]) -> None:
    """Return when the brokers at these addresses are one cluster in which every copy of every partition is in step."""
    for address in addresses:  # each by itself: the others take one that was killed for alive until its session ends
        until(partial(_in_step, address, len(addresses)), f"{address} is in step")


def until(holds: Callable[[], bool], what: str) -> None:
    """Return when it holds.

    Raises:
        TimeoutError: it does not within four minutes.
    """
    end = monotonic() + _PATIENCE
    while not holds():
        if monotonic() > end:
            raise TimeoutError(f"after {_PATIENCE:.0f} seconds it is not so that {what}")
        sleep(_LOOK_AGAIN)


def _in_step(address: str, count: int) -> bool:
    """By a client of its own for each look, because one that met a closed port waits for longer and longer before it tries again."""
    if not listens(address):
        return False
    try:
        told = AdminClient({"bootstrap.servers": address, "log_level": 2}).list_topics(timeout=_ANSWERED_WITHIN)
    except KafkaException:
        return False
    partitions = [partition for topic in told.topics.values() for partition in topic.partitions.values()]
    return len(told.brokers) == count and all(len(one.isrs) == len(one.replicas) for one in partitions)
