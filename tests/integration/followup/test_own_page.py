"""A reply by HTTP, and the person's own page: open by the signature of its link alone, and a GET of it changes nothing."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from jinja2 import FileSystemLoader
from starlette.testclient import TestClient

import services
from schemas.events.follow_ups import FollowUpSent, ReplyMeaning, ReplyReceived
from schemas.events.outcomes import WellbeingMeasured
from schemas.events.referrals import ConsentChanged, ReferralClosed
from services.chassis.links import Links
from services.chassis.pump import Pump
from services.chassis.web.application import application
from services.chassis.web.commands import PumpCommands
from services.chassis.web.guard import guard
from services.chassis.web.pages import pages
from services.followup.pages import page_routes
from services.followup.web import routes
from tests.integration.followup.conftest import THURSDAY
from tests.integration.followup.town import ADA, Town, local

BROWSER = {"Accept": "text/html", "Origin": "http://localhost"}
BEARER = {"Authorization": "Bearer let-me-in"}


@contextmanager
def served(the_town: Town) -> Iterator[TestClient]:
    """A caller without any credential, for as long as the block runs."""
    embedded, now = the_town.embedded, the_town.clock.now
    pump, key = Pump(embedded), embedded.folder.key_encryption_key()
    commands, links = PumpCommands(pump), Links(key, "http://localhost", the_town.clock)
    reading = partial(embedded.reading, "followup")
    routers = (routes(commands, reading, now), page_routes(commands, reading, links, now))
    templates = {"followup": FileSystemLoader(Path(services.__path__[0]) / "followup" / "templates")}
    gate = guard("let-me-in", key, embedded.clocks.wall)
    app = application(routers, gate, pages(templates), the_town.clock, version="0", alive=lambda: True, ready=lambda: True)
    pump.start()
    try:
        with TestClient(app, base_url="http://localhost", follow_redirects=False) as client:
            yield client
    finally:
        pump.stop()


def page_of(the_town: Town, step: str) -> str:
    """Where the link of this step's message leads."""
    touch_id = next(data.touch_id for data in the_town.facts(FollowUpSent) if data.step == step)
    links = Links(the_town.embedded.folder.key_encryption_key(), "", the_town.clock)
    return links.make("p", touch_id, the_town.clock.now() + timedelta(days=1))


def words(answer: Any) -> str:
    """The text of a page's main part."""
    main = re.search(r"<main.*</main>", answer.text, re.DOTALL)
    assert main, answer.text
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main[0])).split())


def chosen(answer: Any) -> dict[str, str]:
    """The radio buttons that are pressed, by question."""
    inputs = re.findall(r"<input[^>]*type=.radio.[^>]*>", answer.text)
    return {match[1]: match[2] for one in inputs if " checked" in one and (match := re.search(r'name="(\w+)"[^>]*value="(\w+)"', one))}


def meanings(the_town: Town) -> list[str]:
    """What every reply meant."""
    return [data.matching.meaning for data in the_town.facts(ReplyReceived) if isinstance(data.matching, ReplyMeaning)]


def test_the_link_shows_when_and_where_and_nothing_else_is_needed(placed: Town) -> None:
    page = page_of(placed, "first_session")
    with served(placed) as client:
        shown = client.get(page, headers=BROWSER)
        assert shown.status_code == 200
        for said in ("Hello Ada", "The choir singers", "Thursday 12 March, 2pm", "LE2 1AA", "Stop messages", "Ask for a call"):
            assert said in words(shown)
        assert "Byron" not in shown.text
        assert "Did you go" not in words(shown)
        signed, _, signature = page.rpartition(".")  # its first character, because the last one has bits that say nothing
        assert client.get(f"{signed}.{'x' if signature[0] != 'x' else 'y'}{signature[1:]}", headers=BROWSER).status_code == 404
        assert client.get(page.replace("/p/", "/g/"), headers=BROWSER).status_code in (401, 404)
    assert placed.facts(ReplyReceived) == []


def test_who_cannot_come_says_so_by_one_press(placed: Town) -> None:
    page = page_of(placed, "first_session")
    with served(placed) as client:
        assert "I cannot come" in words(client.get(page, headers=BROWSER))
        pressed = client.post(page, data={"answer": "no"}, headers=BROWSER)
        assert "That is quite all right" in words(client.get(pressed.headers["location"], headers=BROWSER))
    assert (meanings(placed), placed.facts(ReplyReceived)[0].place_id) == (["no"], "place-1-1")
    placed.at(local(date(2026, 3, 12), 14))
    page = page_of(placed, "first_session")
    with served(placed) as client:
        assert "I cannot come" not in words(client.get(page, headers=BROWSER))
        assert client.post(page, data={"answer": "no"}, headers=BROWSER).status_code == 422


def test_a_surname_is_not_what_anybody_is_greeted_by(the_town: Town) -> None:
    the_town.refer(contact={**ADA["contact"], "name": "Byron, Ada"})
    the_town.hold(session=THURSDAY)
    page = page_of(the_town, "first_session")
    with served(the_town) as client:
        shown = client.get(page, headers=BROWSER)
    assert "Hello Ada" in words(shown)
    assert "Byron" not in shown.text


def test_the_page_tells_the_name_that_no_message_does(the_town: Town) -> None:
    the_town.list_group("calm", name="Anxiety Support Group")
    the_town.refer()
    the_town.hold(session=THURSDAY, group_id="calm")
    page = page_of(the_town, "first_session")
    assert not [mail for mail in the_town.outbox().values() if "Anxiety" in mail.as_string()]
    with served(the_town) as client:
        assert "You are welcome at Anxiety Support Group" in words(client.get(page, headers=BROWSER))


@pytest.mark.parametrize("reason", ["refused_by_organiser", "declined", "changed", "closed"])
def test_only_whom_the_group_turned_away_is_told_so(placed: Town, reason: str) -> None:
    page = page_of(placed, "first_session")
    placed.release(reason)
    with served(placed) as client:
        shown = words(client.get(page, headers=BROWSER))
    assert ("cannot take you after all" in shown) is (reason == "refused_by_organiser")
    assert "You are welcome at" not in shown


def test_nobody_whose_case_is_over_is_told_that_they_were_turned_away(placed: Town) -> None:
    page = page_of(placed, "first_session")
    placed.say(ReferralClosed(person="person-1", case_id="case-1"))
    placed.release("refused_by_organiser")
    with served(placed) as client:
        assert "cannot take you" not in words(client.get(page, headers=BROWSER))


def test_a_link_expires(placed: Town) -> None:
    page = page_of(placed, "first_session")
    placed.clock.set(placed.clock.now() + timedelta(days=1))
    with served(placed) as client:
        assert client.get(page, headers=BROWSER).status_code == 404


def test_what_is_pressed_after_the_session_is_an_answer(placed: Town) -> None:
    placed.at(local(date(2026, 3, 13), 10))
    page = page_of(placed, "day_after")
    with served(placed) as client:
        assert "Did you go to The choir singers?" in words(client.get(page, headers=BROWSER))
        pressed = client.post(page, data={"answer": "came"}, headers=BROWSER)
        assert (pressed.status_code, pressed.headers["location"]) == (303, f"{page}?done=came")
        assert "Thank you for telling us" in words(client.get(pressed.headers["location"], headers=BROWSER))
    [reply] = placed.facts(ReplyReceived)
    assert (meanings(placed), reply.place_id, reply.channel) == (["came"], "place-1-1", "sms")


def test_nobody_is_asked_before_the_session_whether_they_went(placed: Town) -> None:
    with served(placed) as client:
        assert client.post(page_of(placed, "first_session"), data={"answer": "came"}, headers=BROWSER).status_code == 422
    assert placed.facts(ReplyReceived) == []


def test_stop_and_a_call_are_one_press_away(placed: Town) -> None:
    page = page_of(placed, "first_session")
    with served(placed) as client:
        client.post(page, data={"answer": "call_me"}, headers=BROWSER)
        client.post(page, data={"answer": "stop"}, headers=BROWSER)
    assert meanings(placed) == ["call_me", "stop"]
    [changed] = placed.facts(ConsentChanged)
    assert changed.matching is not None


def test_week_six_is_answered_whole_or_asked_again(placed: Town) -> None:
    placed.at(local(date(2026, 4, 24), 10))
    page = page_of(placed, "week_6")
    with served(placed) as client:
        assert "left out" in words(client.get(page, headers=BROWSER))
        some = {"answer": "measured", "companionship": "1", "left_out": "2", "isolated": "1"}
        refused = client.post(page, data=some, headers=BROWSER)
        assert refused.status_code == 422
        assert chosen(refused) == {"companionship": "1", "left_out": "2", "isolated": "1"}
        assert re.findall(r'<a href="#(\w+)">\s*Choose an answer: ([^<]*?)\s*<', refused.text) == [("direct", "How often do you feel lonely?")]
        assert 'id="direct-error"' in refused.text
        assert 'id="companionship-error"' not in refused.text
        assert client.post(page, data=some | {"direct": "6"}, headers=BROWSER).status_code == 422
        assert client.post(page, data=some | {"direct": "4"}, headers=BROWSER).status_code == 303
    assert len(placed.facts(WellbeingMeasured)) == 1


def test_what_is_pressed_or_sent_again_is_the_same(placed: Town) -> None:
    page = page_of(placed, "first_session")
    with served(placed) as client:
        for _ in range(2):
            assert client.post(page, data={"answer": "call_me"}, headers=BROWSER).status_code == 303
        for _ in range(2):
            sent = client.post("/v1/replies/local", json={"person_id": "P-1", "text": "please stop"}, headers=BEARER)
            assert (sent.status_code, sent.json()) == (202, {"meaning": "stop"})
        placed.clock.set(placed.clock.now() + timedelta(minutes=10))
        client.post("/v1/replies/local", json={"person_id": "P-1", "text": "please stop"}, headers=BEARER)
    assert meanings(placed) == ["call_me", "stop", "stop"]


def test_a_page_from_elsewhere_cannot_answer_for_them(placed: Town) -> None:
    with served(placed) as client:
        elsewhere = {"Accept": "text/html", "Origin": "http://elsewhere.example"}
        assert client.post(page_of(placed, "first_session"), data={"answer": "stop"}, headers=elsewhere).status_code == 403


def test_the_page_of_somebody_erased_leads_nowhere(placed: Town) -> None:
    page = page_of(placed, "first_session")
    placed.erase()
    with served(placed) as client:
        assert client.get(page, headers=BROWSER).status_code == 404
        assert client.post(page, data={"answer": "stop"}, headers=BROWSER).status_code == 404


def test_a_reply_is_taken_by_http(placed: Town) -> None:
    placed.refer(2, person_id="P-1", referrer={"organisation": "Another Surgery"})
    with served(placed) as client:

        def sent(body: Any) -> Any:
            return client.post("/v1/replies/local", json=body, headers=BEARER)

        taken = sent({"person_id": "person-1", "text": "please stop"})
        assert (taken.status_code, taken.json()) == (202, {"meaning": "stop"})
        assert sent({"person_id": "nobody", "text": "yes"}).status_code == 404
        several = sent({"person_id": "P-1", "text": "yes"})
        assert (several.status_code, several.json()["choices"]) == (409, ["person-1", "person-2"])
        bad = sent({"person_id": 7, "text": "  "})
        assert (bad.status_code, {fault["pointer"] for fault in bad.json()["errors"]}) == (422, {"/person_id", "/text"})
        assert client.post("/v1/replies/local", json={"person_id": "person-1", "text": "yes"}).status_code == 401
    assert meanings(placed) == ["stop"]


def test_no_log_line_tells_of_the_person(placed: Town, capsys: pytest.CaptureFixture[str]) -> None:
    page = page_of(placed, "first_session")
    with served(placed) as client:
        client.get(page, headers=BROWSER)
        client.post("/v1/replies/local", json={"person_id": "P-1", "text": "I saw Dorothea there"}, headers=BEARER)
    logged = "".join(capsys.readouterr())
    assert "details_read" in logged
    token = page.rsplit("/", 1)[1]
    assert not [word for word in ("Ada", "7700", "example.org", "P-1", "Dorothea", token, THURSDAY.isoformat()) if word in logged]
