"""The two tiny services over a real Kafka and a real PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.sites import DistributedSite, distributed_site
from tests.postgres_installation import installed


@pytest.fixture
def site(tmp_path: Path, kafka: str) -> Iterator[DistributedSite]:
    """The two services, nothing referred yet."""
    with installed() as settings, distributed_site(tmp_path, settings, kafka) as made:
        yield made
