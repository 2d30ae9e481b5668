"""A town for each module of tests, and a signed-in browser in it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from starlette.testclient import TestClient

from tests.integration.pages.town import Town, town
from tests.integration.pages.visitor import ARGUMENTS, CHROMIUM
from tests.integration.web_server import served


@pytest.fixture(scope="module")
def the_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


@pytest.fixture
def browser(the_town: Town) -> Iterator[TestClient]:
    with the_town.browser() as client:
        yield client


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def base(the_town: Town) -> Iterator[str]:
    with served(the_town.app) as address:
        yield address
