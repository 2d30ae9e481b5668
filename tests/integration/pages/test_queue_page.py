"""The queue's page: who needs somebody first, and what to do next."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from tests.integration.pages.town import NOW, Town, queue_rows, town, until, words


@pytest.fixture(scope="module")
def the_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as opened:
        opened.refer(referral_id="R-ROUTINE", received_at=(NOW - timedelta(days=20)).isoformat(), contact={"name": "Dorothy Quill"})
        opened.refer(referral_id="R-NEW", received_at=(NOW - timedelta(minutes=5)).isoformat())
        opened.refer(referral_id="R-URGENT", received_at=(NOW - timedelta(days=1)).isoformat(), urgency="urgent", contact={"name": "Ewan Pike"})
        opened.refer(referral_id="R-FLAG", received_at=(NOW - timedelta(hours=3)).isoformat(), urgency="urgent", flags=["self_harm"])
        opened.refer(referral_id="R-TAKEN-BACK", received_at=NOW.isoformat(), contact={"name": "Zoë Marsh"})
        with opened.browser() as client:
            client.post("/v1/referrals/R-TAKEN-BACK/withdrawal").raise_for_status()
            until(lambda: "Zoë Marsh" not in client.get("/").text)
        yield opened


def rows(browser: TestClient, address: str) -> list[str]:
    """The text of each row, in order."""
    return queue_rows(browser.get(address))


def test_an_open_flag_comes_first_then_urgent_then_who_has_waited_longest(browser: TestClient) -> None:
    references = [re.search(r"R-\w+", row) for row in rows(browser, "/")]
    assert [found and found[0] for found in references] == ["R-FLAG", "R-URGENT", "R-ROUTINE", "R-NEW"]


def test_a_row_says_in_words_who_waits_since_when_how_they_stand_and_what_to_do(browser: TestClient) -> None:
    flagged, urgent, routine, new = rows(browser, "/")
    assert "Red flag: look first" in flagged
    assert "Urgent" in flagged
    assert "3 hours" in flagged
    assert "Needs a person" in flagged
    assert "A red flag is open: read it" in flagged
    assert "Ewan Pike" in urgent
    assert "Urgent" in urgent
    assert "Red flag" not in urgent
    assert "Dorothy Quill" in routine
    assert "2 weeks since 11 June 2026" in routine
    assert "Urgent" not in routine
    assert "Agree a group with the person" in routine
    assert "Name not given" in new
    assert "less than an hour" in new


def test_a_row_leads_to_its_case(browser: TestClient) -> None:
    links = re.findall(r'class="coordinator-table__name" href="(/cases/[^"]+)">([^<]+)<', browser.get("/").text)
    assert len(links) == 4
    for href, name in links:
        answer = browser.get(href)
        assert answer.status_code == 200
        assert words(answer).startswith(name)


def test_the_statuses_are_links_with_their_counts(browser: TestClient) -> None:
    page = browser.get("/")
    assert words(page).startswith(
        "Queue 4 cases are open. 1 needs a person to look first. All open cases 4 New 4 Urgent 2 Red flag 1 Waiting list 0 To do 1 Overdue 0 "
        "Silent 0 By status Groups proposed 3 Needs a person 1 Taken back 1"
    )
    assert 'href="/" aria-current="true"' in page.text
    assert len(rows(browser, "/?state=urgent")) == 2
    assert "R-FLAG" in rows(browser, "/?state=red_flag")[0]
    chosen = browser.get("/?state=withdrawn")
    assert 'href="/?state=withdrawn" aria-current="true"' in chosen.text
    assert "Nothing: this case has ended" in words(chosen)
    assert len(rows(browser, "/?state=proposed")) == 3


def test_a_status_that_nobody_has_is_told_kindly(browser: TestClient) -> None:
    assert "Nobody here just now No case has this status." in words(browser.get("/?state=placed"))
    assert "Nobody here just now Everybody has answered." in words(browser.get("/?state=silent"))


@pytest.mark.parametrize("query", ["state=lost", "cursor=abc", "cursor=WzEsMiwzXQ", "state=" + "x" * 600])
def test_an_address_that_no_link_of_ours_has_is_refused_and_not_repeated(browser: TestClient, query: str) -> None:
    answer = browser.get(f"/?{query}")
    assert answer.status_code == 422
    assert "Something needs to be put right" in words(answer)
    assert "xxx" not in answer.text


def test_that_details_were_read_is_recorded_and_the_log_holds_none_of_them(the_town: Town, browser: TestClient) -> None:
    before = the_town.log().count("details_read")
    browser.get("/")
    recorded = the_town.log()
    assert recorded.count("details_read") == before + 1
    assert '"shown": "queue"' in next(line for line in reversed(recorded.splitlines()) if "details_read" in line)
    assert "Dorothy" not in recorded
    assert "R-ROUTINE" not in recorded


def test_what_is_overdue_says_so_and_by_when_it_was_due(the_town: Town, browser: TestClient) -> None:
    assert "Due by Wednesday 1 July, 10:15am" in rows(browser, "/?state=red_flag")[0]
    assert rows(browser, "/?state=overdue") == []
    the_town.later(hours=2)
    [late] = rows(browser, "/?state=overdue")
    assert "Next step Overdue A red flag is open" in late
    assert "It was due by Wednesday 1 July, 10:15am" in late
    assert "1 is overdue." in words(browser.get("/"))
