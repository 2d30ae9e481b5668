"""The forms of a case's page as they are sent: what is missing is told, nothing is lost, and what no form of ours says is refused."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.integration.pages.town import HOME, Town, part, town, words

LONG = "w" * 10_001


@pytest.fixture(scope="module")
def the_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


@pytest.fixture(scope="module")
def case_id(the_town: Town) -> str:
    return the_town.refer(referral_id="R-DOROTHY", contact={"name": "Dorothy Quill"}, tags=["singing"], age=71, **HOME)


def sent(browser: TestClient, case_id: str, **fields: str) -> Any:
    """The answer to a form of the case's page."""
    return browser.post(f"/cases/{case_id}", data={"version": "0", "which": fields.get("act", ""), **fields})


@pytest.mark.parametrize(
    ("fields", "said", "link"),
    [
        ({"act": "decline", "which": "decline-1", "about": "choir"}, "Choose why", "decline-1-reason"),
        ({"act": "decline", "which": "decline-1", "about": "choir", "reason": "made up"}, "Choose why", "decline-1-reason"),
        ({"act": "close"}, "Choose why the case is closed", "close-reason"),
        ({"act": "flag", "reason": ""}, "Choose what it is about", "flag-reason"),
        ({"act": "settle", "name": "Sam"}, "Say what was done about it", "settle-note"),
        ({"act": "settle", "note": "  ", "name": "Sam"}, "Say what was done about it", "settle-note"),
        ({"act": "settle", "note": "Done."}, "Enter your name", "settle-name"),
        ({"act": "note", "text": "\r\n", "name": "Sam"}, "Write the note", "note-text"),
        ({"act": "note", "text": LONG, "name": "Sam"}, "Make this shorter: at most 10,000 letters", "note-text"),
        ({"act": "task"}, "Say what is to be done", "task-what"),
        ({"act": "task", "what": "Ring", "due-day": "31", "due-month": "2", "due-year": "2026"}, "Enter a real date", "task-due-day"),
        ({"act": "task", "what": "Ring", "due-day": "x"}, "Enter a real date", "task-due-day"),
        ({"act": "attendance", "which": "session-other", "about": "choir", "came": "yes"}, "Enter the date of the session", "session-other-on-day"),
        ({"act": "attendance", "about": "choir", "came": "yes", "on": "2026-07-02"}, "must not lie ahead", "attendance-on-day"),
        ({"act": "choose", "about": "choir", "version": "many"}, "This form is not whole.", None),
        ({"act": "choose", "about": "choir", "version": "9" * 5000}, "This form is not whole.", None),
        ({"act": "choose", "about": "no-such-group"}, "No group is known by this id", None),
        ({"act": "choose"}, "No group is known by this id", None),
    ],
)
def test_what_is_wrong_with_a_form_is_told_beside_it(browser: TestClient, case_id: str, fields: dict[str, str], said: str, link: str | None) -> None:
    answer = sent(browser, case_id, **fields)
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert said in part(answer, "There is a problem", "Dorothy Quill")
    assert link is None or f'href="#{link}"' in answer.text


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"act": "close", "note": "He & she"}, "He &amp; she</textarea>"),
        ({"act": "settle", "name": "Sam <b>"}, 'value="Sam &lt;b&gt;"'),
        ({"act": "note", "text": "", "name": "Sam Okafor"}, 'value="Sam Okafor"'),
        ({"act": "task", "due-day": "7"}, 'value="7"'),
        ({"act": "flag", "note": "Afraid"}, "Afraid</textarea>"),
    ],
)
def test_what_was_typed_is_kept_in_its_form_which_is_open(the_town: Town, browser: TestClient, fields: dict[str, str], kept: str) -> None:
    case_id = the_town.refer(referral_id=f"R-KEPT-{fields['act']}", flags=["abuse"])
    answer = sent(browser, case_id, **fields)
    assert kept in answer.text
    opened = [found for found in re.findall(r"<details[^>]* open>.*?</details>", answer.text, re.DOTALL) if kept in found]
    assert len(opened) == 1


@pytest.mark.parametrize("fields", [{}, {"act": "erase"}, {"act": "choose; drop table cases"}])
def test_what_no_form_of_ours_asks_for_is_refused(browser: TestClient, case_id: str, fields: dict[str, str]) -> None:
    answer = sent(browser, case_id, **fields)
    assert answer.status_code == 422
    assert "No form of this page asks for that." in words(answer)


def test_a_form_about_a_case_or_a_task_that_is_not_there_is_not_found(browser: TestClient, case_id: str) -> None:
    assert sent(browser, "nobody", act="choose", about="choir").status_code == 404
    assert sent(browser, "nobody", act="close").status_code == 404
    assert sent(browser, case_id, act="task_done", about="no-such-task", note="Done").status_code == 404


def test_nothing_is_decided_without_a_session_or_by_a_page_from_elsewhere(the_town: Town, browser: TestClient, case_id: str) -> None:
    with the_town.client() as stranger:
        assert sent(stranger, case_id, act="choose", about="choir").status_code == 401
    elsewhere = browser.post(
        f"/cases/{case_id}", data={"act": "close", "reason": "other", "version": "0"}, headers={"Origin": "http://elsewhere.example"}
    )
    assert elsewhere.status_code == 403
    assert the_town.case(case_id)["status"] == "proposed"


def test_a_look_changes_nothing_whatever_its_address_says(the_town: Town, browser: TestClient, case_id: str) -> None:
    before = the_town.case(case_id)
    for query in ("done=chosen", "done=made-up", "act=choose&about=choir&version=0", "group=singers", "group=%20"):
        assert browser.get(f"/cases/{case_id}?{query}").status_code == 200
    assert the_town.case(case_id) == before
    assert "Success" not in words(browser.get(f"/cases/{case_id}?done=made-up"))


def test_groups_are_found_by_any_word_of_their_name_whatever_its_case(browser: TestClient, case_id: str) -> None:
    for query in ("SINGERS", "hall larkhill", "singers larkhill"):
        found = part(browser.get(f"/cases/{case_id}", params={"group": query}), "Another group", "What was ruled out")
        assert "1 group found" in found
        assert "Larkhill Singers When Tuesdays, 10am to midday" in found
    none = words(browser.get(f"/cases/{case_id}", params={"group": "chess <i>"}))
    assert "No group that meets now is called “chess <i>”." in none


def test_who_searched_and_is_refused_finds_the_same_groups_again(the_town: Town, browser: TestClient) -> None:
    case_id = the_town.refer(referral_id="R-SEARCHED", contact={"name": "Ann"}, **HOME)
    the_town.agree(case_id, "talk")
    answer = sent(browser, case_id, act="choose", which="found-1", about="games", group="gossip", note="By bus")
    assert answer.status_code == 409
    assert "1 group found for “gossip”." in words(answer)
    assert "By bus</textarea>" in answer.text


def test_the_same_form_sent_twice_is_one_decision(the_town: Town, browser: TestClient) -> None:
    case_id = the_town.refer(referral_id="R-TWICE", contact={"name": "Ann"}, **HOME)
    answers = [sent(browser, case_id, act="choose", about="talk") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == f"/cases/{case_id}?done=chosen"
    assert the_town.case(case_id)["version"] == 1
