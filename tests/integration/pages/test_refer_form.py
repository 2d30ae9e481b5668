"""The clinic's form: what is typed becomes the referral that a record system would have sent, and survives every refusal."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from jinja2 import FileSystemLoader
from starlette.testclient import TestClient

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.streams import ServiceName
from services.chassis.errors import Overloaded
from services.chassis.ids import MACHINE
from services.chassis.web.application import application
from services.chassis.web.pages import pages
from services.cli.preparing import preparer
from services.intake.pages import STYLE, page_routes
from tests.integration.pages.town import RECORDS, Town, town, until, words

TEMPLATES = STYLE.parents[1] / "templates"
FIELDS: dict[str, Any] = {
    "interests": "I used to sing.\r\nI miss it.",
    "person_id": " nhs:999 000 0123 ",
    "contact.name": "Dorothy Quill",
    "age": "71",
    "gender": "female",
    "languages": ["en", "cy"],
    "contact.phone": "07700 900123",
    "contact.email": "dorothy@example.org",
    "contact.preferred": "sms",
    "contact.safe_to_contact": "yes",
    "postcode": "LE2 6AA",
    "travel.mode": "bus",
    "travel.max_km": "4.5 km",
    "access_needs": ["step_free", "hearing_loop"],
    "max_cost": "£3.50",
    "availability": ["tue-morning", "tue-afternoon", "thu-morning", "thu-evening"],
    "loneliness.ucla3.1": "3",
    "loneliness.ucla3.2": "2",
    "loneliness.ucla3.3": "1",
    "loneliness.direct": "2",
    "consent": ["match", "sms", "companion"],
    "urgency": "urgent",
    "referrer.organisation": "Larkhill Surgery",
    "referrer.practitioner": "Dr Amina Yusuf",
    "referrer.reply_to": "larkhill@example.org",
}


@pytest.fixture(scope="module")
def the_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


def made_reference(browser: TestClient) -> str:
    """The reference that a new form carries."""
    found = re.search(r'name="made_reference" value="([^"]+)"', browser.get("/refer").text)
    assert found
    return found[1]


def sent(browser: TestClient, **fields: Any) -> str:
    """The address of the page that confirms a form which was taken."""
    answer = browser.post("/refer", data=fields)
    assert answer.status_code == 303, words(answer)
    return answer.headers["location"]


def case_of(address: str) -> str:
    """The case that a confirmation is about."""
    return address.removeprefix("/refer/sent/").partition("?")[0]


def as_recorded(the_town: Town, browser: TestClient, case_id: str) -> dict[str, Any]:
    """The case as the API tells it."""
    recorded: dict[str, Any] = browser.get(f"/v1/queue/{the_town.answered(browser, case_id)}", headers=RECORDS).json()
    return recorded


def test_what_is_typed_is_the_referral_that_a_record_system_would_have_sent(the_town: Town, browser: TestClient) -> None:
    case = as_recorded(the_town, browser, case_of(sent(browser, **FIELDS, referral_id="OURS-1")))
    assert (case["referral_id"], case["person_id"], case["urgency"]) == ("OURS-1", "nhs:999 000 0123", "urgent")
    assert case["person"] == {
        "interests": "I used to sing.\nI miss it.",
        "postcode": "LE2 6AA",
        "contact": {"name": "Dorothy Quill", "phone": "07700 900123", "email": "dorothy@example.org", "preferred": "sms", "safe_to_contact": True},
        "practitioner": "Dr Amina Yusuf",
        "reply_to": "larkhill@example.org",
        "other": {},
    }
    needs = case["needs"]
    assert needs["travel"] == {"mode": "bus", "max_km": 4.5}
    assert needs["loneliness"] == {"ucla3": [3, 2, 1], "direct": 2}
    assert needs["consent"] == {"match": True, "sms": True, "email": False, "companion": True, "learning": False}
    assert needs["availability"] == [
        {"weekday": "tue", "start": "08:00", "end": "18:00"},
        {"weekday": "thu", "start": "08:00", "end": "13:00"},
        {"weekday": "thu", "start": "17:00", "end": "22:00"},
    ]
    plain = ("age", "gender", "languages", "access_needs", "max_cost", "organisation")
    assert [needs[name] for name in plain] == [71, "female", ["en", "cy"], ["step_free", "hearing_loop"], 3.5, "Larkhill Surgery"]


def test_nothing_is_ticked_before_somebody_ticks_it(browser: TestClient) -> None:
    page = browser.get("/refer").text
    assert re.findall(r'<input[^>]*type="checkbox"[^>]*\schecked', page) == []
    assert re.findall(r'name="([^"]+)" type="radio" value="([^"]*)" checked', page) == [
        ("gender", ""), ("contact.preferred", ""), ("contact.safe_to_contact", ""), ("travel.mode", ""),
        ("loneliness.ucla3.1", ""), ("loneliness.ucla3.2", ""), ("loneliness.ucla3.3", ""), ("loneliness.direct", ""), ("urgency", "routine"),
    ]  # fmt: skip


def test_a_number_is_all_it_takes_and_without_agreement_nothing_is_proposed(the_town: Town, browser: TestClient) -> None:
    case = as_recorded(the_town, browser, case_of(sent(browser, person_id="OUR-7", made_reference=made_reference(browser))))
    assert case["proposal"]["needs_human"] == "no_consent"


def test_the_four_questions_have_their_official_wording(browser: TestClient) -> None:
    text = words(browser.get("/refer"))
    for question in ("that you lack companionship?", "left out?", "isolated from others?"):
        assert f"{question} Hardly ever or never Some of the time Often Not asked" in text
    assert "How often do you feel lonely? Often or always Some of the time Occasionally Hardly ever Never Not asked" in text


def test_a_reference_is_made_where_none_is_given_and_is_named_afterwards(the_town: Town, browser: TestClient) -> None:
    reference = made_reference(browser)
    address = sent(browser, person_id="OUR-8", made_reference=reference)
    assert reference in words(browser.get(address))
    assert as_recorded(the_town, browser, case_of(address))["referral_id"] == reference
    assert reference != made_reference(browser)


def test_a_form_that_carries_no_reference_has_one_made_too(browser: TestClient) -> None:
    assert re.search(r"Its reference is WEB(-[A-Z2-7]{4}){3}", words(browser.get(sent(browser, person_id="OUR-16"))))


def test_the_confirmation_leads_to_the_case(browser: TestClient) -> None:
    address = sent(browser, person_id="OUR-9", made_reference=made_reference(browser))
    assert f'href="/cases/{case_of(address)}"' in browser.get(address).text
    until(lambda: browser.get(f"/cases/{case_of(address)}").status_code == 200)


def test_the_same_form_sent_twice_is_one_referral(browser: TestClient) -> None:
    form = {"person_id": "OUR-10", "made_reference": made_reference(browser)}
    assert case_of(sent(browser, **form)) == case_of(sent(browser, **form))


def test_a_form_sent_again_with_other_answers_asks_whether_it_is_another_referral(browser: TestClient) -> None:
    form = {"person_id": "OUR-11", "made_reference": made_reference(browser)}
    first = sent(browser, **form)
    changed = browser.post("/refer", data=form | {"age": "80"})
    assert changed.status_code == 409
    assert "This form was sent before with other answers." in words(changed)
    assert 'value="80"' in changed.text
    fresh = re.search(r'name="made_reference" value="([^"]+)"', changed.text)
    assert fresh
    assert case_of(sent(browser, **form | {"age": "80", "made_reference": fresh[1]})) != case_of(first)


def test_a_reference_of_ones_own_that_was_used_is_told_at_its_field(browser: TestClient) -> None:
    sent(browser, person_id="OUR-12", referral_id="USED")
    again = browser.post("/refer", data={"person_id": "OUR-13", "referral_id": "USED"})
    assert again.status_code == 409
    assert 'href="#referral_id"' in again.text
    assert "This reference was sent before with other answers." in words(again)


BAD = {
    "person_id": ({"person_id": ""}, "Enter their NHS number, or your own number for them"),
    "age": ({"age": "about seventy"}, "Age must be a whole number"),
    "max_cost": ({"max_cost": "-1"}, "The most they can pay must be 0 or more"),
    "travel-max_km": ({"travel.max_km": "0"}, "How far they can go must be more than 0"),
    "interests": ({"interests": "x" * 10_001}, "What matters to them must be at most 10000 characters long"),
    "contact-name": ({"contact.name": "x" * 501}, "Name must be at most 500 characters long"),
    "postcode": ({"postcode": "x" * 21}, "Postcode must be at most 20 characters long"),
    "loneliness-ucla3-1": ({"loneliness.ucla3.1": "3", "loneliness.ucla3.2": "2"}, "Answer all of the first three questions, or none of them"),
    "loneliness-direct": ({"loneliness.direct": "9"}, "How often they feel lonely must be 5 or less"),
    "availability-mon-morning": ({"availability": "mon-night"}, "When they are free must be parts of days that the form has"),
    "travel-mode": ({"travel.mode": "swim"}, "How they get about must be one of"),
    "urgency": ({"urgency": "soon"}, "How urgent it is must be one of"),
    "languages": ({"languages": "?"}, "Languages must be a BCP 47 language tag"),
}


@pytest.mark.parametrize("control", BAD)
def test_a_mistake_is_told_at_the_top_with_a_link_to_its_field_and_at_the_field(browser: TestClient, control: str) -> None:
    fields, said = BAD[control]
    answer = browser.post("/refer", data={"person_id": "OUR-14", "contact.email": "kept@example.org"} | fields)
    assert answer.status_code == 422
    assert "<title>Error: Refer a person" in answer.text
    assert words(answer).startswith(f"There is a problem {said}")
    assert words(answer).count(said) == 2
    assert f'href="#{control}"' in answer.text
    assert len(re.findall(rf'\sid="{re.escape(control)}"', answer.text)) == 1


def test_all_mistakes_are_told_at_once_in_the_order_of_the_page(browser: TestClient) -> None:
    answer = browser.post("/refer", data={"age": "x", "referral_id": "y" * 201, "travel.max_km": "far", "loneliness.ucla3.1": "3"})
    links = re.findall(r'<a href="(#[^"]+)"', answer.text.split("nhsuk-error-summary", 1)[1].split("</ul>", 1)[0])
    assert links == ["#person_id", "#age", "#travel-max_km", "#loneliness-ucla3-1", "#referral_id"]


def test_everything_that_was_sent_is_still_there_after_a_mistake(browser: TestClient) -> None:
    page = browser.post("/refer", data=FIELDS | {"age": "x", "referral_id": "OURS-9"}).text
    for name, value in FIELDS.items():
        if name not in ("age", "interests", "person_id") and isinstance(value, str):
            text_field = rf'name="{re.escape(name)}"[^>]*value="{re.escape(value)}"'
            assert re.search(text_field, page), name
    for value in (*FIELDS["languages"], *FIELDS["access_needs"], *FIELDS["availability"], *FIELDS["consent"], "yes", "bus", "sms", "urgent"):
        assert re.search(rf'value="{value}"[^>]*\schecked', page), value
    assert "I miss it.</textarea>" in page
    assert 'value="OURS-9"' in page


def test_hostile_text_is_shown_as_text(browser: TestClient) -> None:
    page = browser.post("/refer", data={"interests": "</textarea><script>alert(1)</script>", "contact.name": '"><img src=x onerror=alert(1)>'}).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_a_reference_never_stands_in_an_address_or_in_the_log(the_town: Town, browser: TestClient) -> None:
    address = sent(browser, person_id="nhs:999 000 4567", referral_id="999-000-4567")
    assert "999-000-4567" not in address
    assert "999-000-4567" in words(browser.get(address))
    assert "999-000-4567" not in the_town.log()
    assert "999 000 4567" not in the_town.log()


def test_a_confirmation_that_was_tampered_with_names_nothing(browser: TestClient) -> None:
    one, other = (sent(browser, person_id=f"OUR-2{number}", referral_id=f"SECRET-{number}") for number in (1, 2))
    of_the_other = f"{one.partition('?')[0]}?{other.partition('?')[2]}"
    for address in (of_the_other, one[:-4], f"{one.partition('?')[0]}?reference=%00%ff", one.partition("?")[0]):
        answer = browser.get(address)
        assert answer.status_code == 200
        assert "SECRET" not in words(answer)
    assert browser.get("/refer/sent/nothing").status_code == 404


class Overburdened:
    """Takes no command just now."""

    async def put(self, service: ServiceName, command: Any) -> Sequence[Event[Data]]:
        """The facts that followed."""
        raise Overloaded(f"{service} cannot take {type(command).__name__} just now")


def test_a_form_that_cannot_be_taken_just_now_keeps_what_was_typed(the_town: Town) -> None:
    reading, templates = partial(the_town.running.services.reading, "intake"), FileSystemLoader(TEMPLATES)
    form_alone = page_routes(Overburdened(), reading, preparer(the_town.running), MACHINE)
    look, wall = pages({"intake": templates}), the_town.running.services.clocks.wall
    app = application([form_alone], the_town.gate, look, wall, version="0", alive=lambda: True, ready=lambda: True)
    with replace(the_town, app=app).browser() as browser:
        answer = browser.post("/refer", data={"person_id": "OUR-17", "interests": "Singing", "made_reference": "WEB-1"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert "Nothing is lost: send it again in a moment" in words(answer)
    assert ">Singing</textarea>" in answer.text
    assert 'name="made_reference" value="WEB-1"' in answer.text


def test_a_form_from_another_site_is_refused(browser: TestClient) -> None:
    assert browser.post("/refer", data={"person_id": "OUR-15"}, headers={"Origin": "https://elsewhere.example"}).status_code == 403


@pytest.mark.parametrize(("content", "kind"), [(b"{}", "application/json"), (b"person_id=%ff", "application/x-www-form-urlencoded")])
def test_what_is_no_form_is_refused_kindly(browser: TestClient, content: bytes, kind: str) -> None:
    answer = browser.post("/refer", content=content, headers={"Content-Type": kind})
    assert answer.status_code in (415, 422)
    assert "text/html" in answer.headers["content-type"]
