"""The ledger of unmet need as a page: what people hoped for and no group gave them, by month and area."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from services.coordinator.store import ledger
from tests.integration.pages.town import Town, queue_rows, town, words

NO_CONSENT = {"consent": {"match": False}}


@pytest.fixture(scope="module")
def the_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as opened:
        opened.refer(referral_id="R-1", interests="Painting", postcode="LE2 6AA", **NO_CONSENT)
        opened.refer(referral_id="R-2", interests="To paint", postcode="LE2 6AB", **NO_CONSENT)
        opened.refer(referral_id="R-3", interests="", postcode="CF10 1AA")
        yield opened


def test_it_says_in_words_what_was_hoped_for_where_when_and_why_nothing_was_proposed(browser: TestClient) -> None:
    painting, anything = queue_rows(browser.get("/unmet"))
    assert painting == ("Hoped for Painting and drawing Area LE2 Month July 2026 Why They have not agreed to be matched Cases 2")
    assert anything == "Hoped for Anything Area CF10 Month July 2026 Why Too little is known of what they would like Cases 1"


def test_it_is_narrowed_by_area_and_by_month(browser: TestClient) -> None:
    assert len(queue_rows(browser.get("/unmet?area=CF10&month="))) == 1
    assert len(queue_rows(browser.get("/unmet?area=&month=2026-07"))) == 2
    narrowed = browser.get("/unmet?area=CF10&month=2026-07")
    assert '<option value="CF10" selected>CF10</option>' in narrowed.text
    assert '<option value="2026-07" selected>July 2026</option>' in narrowed.text


def test_a_month_in_which_nobody_went_without_is_told_kindly(browser: TestClient) -> None:
    assert "Nobody went without in this month and area." in words(browser.get("/unmet?month=2025-01"))


def test_where_it_is_cut_it_says_since_when_it_counts(browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "There is more than this page counts" not in words(browser.get("/unmet"))
    monkeypatch.setattr(ledger, "MOST_FACTS", 3)
    assert "There is more than this page counts" not in words(browser.get("/unmet"))
    monkeypatch.setattr(ledger, "MOST_FACTS", 2)
    assert "There is more than this page counts: it tells of what was sought since 1 July 2026." in words(browser.get("/unmet"))


def test_it_names_nobody(browser: TestClient) -> None:
    page = browser.get("/unmet").text
    for detail in ("R-1", "of-R-1", "LE2 6AA"):
        assert detail not in page
