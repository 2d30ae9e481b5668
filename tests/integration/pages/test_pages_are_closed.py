"""Every page is for who is signed in, stays in no cache, and brings no script or style of its own inside it."""

import re

import pytest
from starlette.testclient import TestClient

from tests.integration.pages.town import Town

INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)


@pytest.fixture(scope="module")
def case_id(the_town: Town) -> str:
    return the_town.refer(referral_id="R-1", contact={"name": "Dorothy Quill"})


@pytest.fixture
def addresses(case_id: str) -> list[str]:
    return ["/", "/?state=proposed", f"/cases/{case_id}", "/unmet", "/refer", f"/refer/sent/{case_id}", "/coordinator.css", "/intake.css"]


def test_nobody_sees_a_page_without_signing_in(the_town: Town, addresses: list[str]) -> None:
    with the_town.client() as stranger:
        for address in addresses:
            answer = stranger.get(address)
            assert answer.status_code == 401, address
            assert "Dorothy" not in answer.text
        assert stranger.post("/refer", data={"person_id": "x"}).status_code == 401
        assert stranger.post(addresses[2], data={"act": "close", "reason": "other", "version": "0"}).status_code == 401


def test_pages_are_kept_by_no_cache_and_bring_nothing_inline(the_town: Town, browser: TestClient, addresses: list[str]) -> None:
    for address in (*addresses[:6], f"{addresses[2]}?group=singers&done=chosen", the_town.link("choir")):
        answer = browser.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["cache-control"] == "no-store"
        assert "unsafe-inline" not in answer.headers["content-security-policy"]
        assert INLINE.findall(answer.text) == [], address


def test_the_guard_tells_what_is_inline() -> None:
    for planted in ("<p style='a'>", '<a onclick="x">', "<script>x</script>", "<style>", '<a href="javascript:x">'):
        assert INLINE.search(planted)
    assert not INLINE.search('<script type="module" src="/static/together.js"></script>')


def test_the_styles_are_served_as_such(browser: TestClient) -> None:
    for address in ("/coordinator.css", "/intake.css"):
        assert browser.get(address).headers["content-type"].startswith("text/css")
