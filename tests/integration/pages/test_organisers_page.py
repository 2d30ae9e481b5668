"""A group's organiser on a phone: three taps behind a signed link, no account, and of each person a first name and a date."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser

from schemas.group import Group
from services.chassis.links import Links
from services.cli.listing import list_groups
from tests.integration.pages.town import NOW, Town, town, until, words
from tests.integration.pages.visitor import CHROMIUM, PHONE, WIDE, Visitor, visiting

browser_test = pytest.mark.browser
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no browser: Chromium is not installed")
SECRETS = ("Quill", "07700", "dorothy@", "71", "sing again", "LE2 6AA", "nhs:", "R-DOROTHY", "Yusuf", "lonely")


@pytest.fixture(scope="module")
def the_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


def given_somebody_placed(the_town: Town, name: str | None, group_id: str = "choir", **fields: Any) -> str:
    """Somebody who would like to come on the first Tuesday."""
    number = re.sub(r"\W", "", name or "nobody").upper()
    contact = {"name": name, "phone": "07700 900123", "email": "dorothy@example.org", "safe_to_contact": True}
    about: dict[str, Any] = {"age": 71, "postcode": "LE2 6AA", "interests": "I would love to sing again; I feel lonely", "person_id": f"nhs:{number}"}
    referrer = {"organisation": "Larkhill Surgery", "practitioner": "Dr Amina Yusuf"}
    case_id = the_town.refer(referral_id=f"R-{number}", contact=contact, referrer=referrer, **about | fields)
    the_town.agree(case_id, group_id)
    return case_id


def when_the_organiser_opens_their_link(organiser: Visitor, the_town: Town, group_id: str = "choir") -> None:
    organiser.goes_to(the_town.link(group_id))
    organiser.finds_no_barrier()


def then_they_are_thanked(organiser: Visitor, said: str) -> None:
    assert said in organiser.focused()
    organiser.finds_no_barrier()


@browser_test
@needs_chromium
def test_an_organiser_says_yes_by_one_tap_and_the_link_worker_sees_it(chromium: Browser, base: str, the_town: Town) -> None:
    case_id = given_somebody_placed(the_town, "Dorothy Quill")
    with visiting(chromium, base, PHONE) as organiser:
        when_the_organiser_opens_their_link(organiser, the_town)
        assert organiser.heading() == "Larkhill Singers"
        assert "Would like to come Dorothy Tuesday 7 July, 10am" in organiser.reads()
        organiser.presses("Yes Dorothy")
        then_they_are_thanked(organiser, "Thank you. They are expected.")
        assert "You are expecting Dorothy Tuesday 7 July, 10am" in organiser.reads()
    until(lambda: the_town.case(case_id)["place"]["state"] == "confirmed")


@browser_test
@needs_chromium
def test_an_organiser_says_no_with_a_reason(chromium: Browser, base: str, the_town: Town) -> None:
    case_id = given_somebody_placed(the_town, "Ewan Pike")
    with visiting(chromium, base, PHONE) as organiser:
        when_the_organiser_opens_their_link(organiser, the_town)
        organiser.opens("No, for another reason: Ewan")
        organiser.presses_what_is_seen("Say no Ewan")
        then_they_are_thanked(organiser, "Choose why they cannot come.")
        organiser.opens("No, for another reason: Ewan")
        organiser.ticks_what_is_seen("Our group would not suit them")
        organiser.presses_what_is_seen("Say no Ewan")
        then_they_are_thanked(organiser, "Thank you for telling us.")
        assert "Ewan" not in organiser.reads()
    until(lambda: the_town.case(case_id)["place"]["reason"] == "refused_by_organiser")
    assert the_town.case(case_id)["status"] == "proposed"


@browser_test
@needs_chromium
def test_an_organiser_says_that_the_group_is_full_by_the_keyboard_alone(chromium: Browser, base: str, the_town: Town) -> None:
    case_id = given_somebody_placed(the_town, "Clive Doyle")
    with visiting(chromium, base, PHONE) as organiser:
        when_the_organiser_opens_their_link(organiser, the_town)
        organiser.tabs_to("We are full Clive")
        with organiser.page.expect_navigation():
            organiser.page.keyboard.press("Enter")
        then_they_are_thanked(organiser, "We will send nobody else until you have room again.")
    until(lambda: the_town.case(case_id)["status"] == "proposed")


def test_the_link_is_the_one_that_the_organiser_was_sent(the_town: Town) -> None:
    ringers = {
        "group_id": "ringers",
        "name": "Bell Ringers",
        "sessions": [{"weekday": "fri", "start": "19:00"}],
        "contact": {"email": "bells@example.org"},
    }
    list_groups(the_town.running, "church", [Group.model_validate(ringers)])
    given_somebody_placed(the_town, "Peter Bell", "ringers")
    until(lambda: any("/g/" in letter for letter in the_town.letters()))
    links = [found[0] for letter in the_town.letters() if (found := re.search(r"/g/[\w.=-]+", letter))]
    with the_town.client() as organiser:
        assert "Bell Ringers Would like to come Peter Friday 3 July, 7pm" in words(organiser.get(links[0]))


def test_a_look_changes_nothing_however_often_a_mail_scanner_follows_the_link(the_town: Town) -> None:
    given_somebody_placed(the_town, "Ann Vickers", "garden")
    position = the_town.answered_by_organisers()
    with the_town.client() as scanner:
        for query in ("", "?done=yes", "?answer=yes", "?place=x&answer=no&reason=full"):
            assert scanner.get(the_town.link("garden") + query).status_code == 200
            assert scanner.head(the_town.link("garden") + query).status_code in (401, 405)
    assert the_town.answered_by_organisers() == position


def test_nothing_but_a_first_name_and_a_date_is_told_of_anybody(the_town: Town) -> None:
    given_somebody_placed(the_town, "Dorothea Quill", "garden")
    given_somebody_placed(the_town, None, "garden")
    given_somebody_placed(the_town, "Quill, Edith", "garden")
    given_somebody_placed(the_town, "Mrs Quill", "garden")
    with the_town.client() as organiser:
        page = organiser.get(the_town.link("garden"))
    assert "Dorothea Wednesday 8 July, 1pm" in words(page)
    assert "Edith Wednesday 8 July, 1pm" in words(page)
    assert words(page).count("Somebody new Wednesday 8 July, 1pm") == 2
    told = re.sub(r'value="[^"]*"', "", page.text)
    assert [secret for secret in SECRETS if secret in told] == []


def test_nobody_with_an_open_red_flag_is_shown(the_town: Town) -> None:
    case_id = given_somebody_placed(the_town, "Florence Gray", "garden")
    with the_town.client() as organiser:
        assert "Florence" in words(organiser.get(the_town.link("garden")))
        the_town.decide(case_id, action="flag", reason="unsafe_contact")
        assert "Florence" not in words(organiser.get(the_town.link("garden")))


def test_a_link_that_was_forged_or_has_expired_or_is_for_another_page_leads_to_a_kind_page(the_town: Town) -> None:
    links, soon = the_town.running.links, the_town.clock.now() + timedelta(minutes=1)
    forged = Links(b"x" * 32, "http://localhost", the_town.clock).make("g", "garden", soon).removeprefix("http://localhost")
    another = links.make("p", "garden", soon).rpartition("/")[2]
    expired = links.make("g", "garden", the_town.clock.now()).rpartition("/")[2]
    unknown = links.make("g", "no-such-group", soon).rpartition("/")[2]
    with the_town.client() as organiser:
        for address in (forged, f"/g/{another}", f"/g/{expired}", f"/g/{unknown}", "/g/nonsense"):
            for answer in (organiser.get(address), organiser.post(address, data={"answer": "yes"})):
                assert answer.status_code in (404, 409)
                if answer.status_code == 404:
                    assert "This link has ended" in words(answer)
                    assert "answer that message" not in words(answer)


@pytest.mark.parametrize(
    "sent",
    [
        {"answer": "yes", "place": "of-nobody"},
        {"answer": "delete", "place": "{ours}"},
        {"answer": "came", "place": "{ours}", "on": "2026-07-01"},
        {"answer": "came", "place": "{ours}", "on": "never"},
        {"answer": "yes", "place": "{theirs}"},
        {"answer": ""},
    ],
)
def test_what_is_not_asked_on_the_page_cannot_be_answered(the_town: Town, sent: dict[str, str]) -> None:
    ours = given_somebody_placed(the_town, f"Grace {len(sent)} {sent.get('on', '')} {sent.get('place', '')} {sent.get('answer', '')}", "garden")
    theirs = given_somebody_placed(the_town, f"Hugh {len(sent)} {sent.get('on', '')} {sent.get('place', '')} {sent.get('answer', '')}", "talk")
    ids = {"ours": the_town.case(ours)["place"]["place_id"], "theirs": the_town.case(theirs)["place"]["place_id"]}
    position = the_town.answered_by_organisers()
    with the_town.client() as organiser:
        answer = organiser.post(the_town.link("garden"), data={name: value.format(**ids) for name, value in sent.items()})
    assert answer.status_code == 409
    assert "This has changed since you opened the page." in words(answer)
    assert the_town.answered_by_organisers() == position


def test_a_form_of_a_page_from_elsewhere_is_refused(the_town: Town) -> None:
    with the_town.client() as organiser:
        answer = organiser.post(the_town.link("garden"), data={"answer": "yes"}, headers={"Origin": "http://elsewhere.example"})
    assert answer.status_code == 403


def test_that_names_were_shown_is_recorded_without_them(the_town: Town) -> None:
    with the_town.client() as organiser:
        organiser.get(the_town.link("garden"))
    recorded = the_town.log()
    assert '"shown": "organiser"' in recorded
    assert "Dorothea" not in recorded
    assert the_town.link("garden").removeprefix("/g/") not in recorded


@browser_test
@needs_chromium
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_after_the_session_an_organiser_says_who_came_and_puts_it_right(chromium: Browser, base: str, the_town: Town, size: tuple[int, int]) -> None:
    name = "Rosa" if size == WIDE else "Ivy"
    case_id = given_somebody_placed(the_town, f"{name} Lamb", "talk")
    with visiting(chromium, base, size, scripts=size == WIDE) as organiser:
        the_town.later(days=4)
        session = the_town.case(case_id)["place"]["session"]["date"]
        organiser.goes_to(the_town.link("talk"))
        organiser.presses(f"Did not come {name}")
        assert "Thank you. Their link worker will ask how they are." in organiser.reads()
        assert "You said: did not come." in organiser.reads()
        organiser.presses(f"No, they came {name}")
        assert "Thank you. It is good to hear that they came." in organiser.reads()
        if size == WIDE:
            organiser.finds_no_barrier()
    assert [(one["on"], one["attended"], one["said_by"]) for one in the_town.case(case_id)["outcomes"]] == [(session, True, "organiser")]


def test_a_group_without_questions_is_thanked(the_town: Town) -> None:
    with the_town.client() as organiser:
        assert "There is nothing to answer just now." in words(organiser.get(the_town.link("games")))
    assert the_town.clock.now() >= NOW
