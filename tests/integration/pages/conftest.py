"""A town for each module of tests, and a signed-in browser in it."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.integration.pages.town import Town, town


@pytest.fixture(scope="module")
def the_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


@pytest.fixture
def browser(the_town: Town) -> Iterator[TestClient]:
    with the_town.browser() as client:
        yield client
