"""What holds for every test: one numeric thread, reproducible property tests, and no quiet skip in continuous integration.

A test that needs a browser, Kafka or PostgreSQL is skipped on a machine that has none. Where `CI` is set such a skip is a failure, because a
suite that tests nothing is green too.
"""

import os
import re
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.kafka_brokers import Brokers

NEVER_SKIPPED_IN_CI = re.compile(r"browser|chromium|playwright|kafka|postgres", re.IGNORECASE)

# Before any test imports NumPy or ONNX Runtime: with more threads, results and times depend on the machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Whoever is started in the background of a shell is started with interrupts ignored, and passes that on to the programs under test.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip for want of a browser, Kafka or PostgreSQL into a failure where `CI` is set."""
    if not (os.environ.get("CI") and report.skipped and isinstance(report.longrepr, tuple)):
        return
    _, _, reason = report.longrepr
    if NEVER_SKIPPED_IN_CI.search(reason):
        report.outcome = "failed"
        report.longrepr = f"not to be skipped where CI is set: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Judge a skip of a single test."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Judge a skip of a whole module."""
    report = yield
    _refuse_skip(report)
    return report


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes share the files, those that may take longest come first, so that none is left to one process at the end."""
    if not hasattr(config, "workerinput"):
        return
    allowed: dict[Path, float] = {}
    for item in items:
        mark = item.get_closest_marker("timeout")
        allowed[item.path] = max(allowed.get(item.path, 0.0), mark.args[0] if mark and mark.args else 0.0)
    items.sort(key=lambda item: -allowed[item.path])


# The brokers' module is imported where a test asks for a broker: it takes a second, which a run of the unit tests alone need not wait for.
@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap address of a real Kafka broker, the same for the whole run."""
    from tests.kafka_here import some_broker

    with some_broker(tmp_path_factory.mktemp("kafka")) as bootstrap:
        yield bootstrap


@pytest.fixture
def kafka(kafka_broker: str) -> str:
    """The same with every topic of ours there and empty."""
    from tests.kafka_here import recreate_topics

    recreate_topics(kafka_broker)
    return kafka_broker


@pytest.fixture(scope="module")  # few files want them, and idle brokers take a tenth of a core for as long as they run
def kafka_cluster(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Brokers]":
    """Three real brokers without topics; whoever kills one starts it again."""
    from tests.kafka_here import cluster

    with cluster(tmp_path_factory.mktemp("kafka-cluster")) as brokers:
        yield brokers
