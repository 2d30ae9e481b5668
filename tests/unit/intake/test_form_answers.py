"""The form's answers as a referral, what it offers, and the references it makes."""

import random
import re

import pytest

from models.screening.lexicon import CODES
from schemas.record import WEEKDAYS
from schemas.referral import Consent, Referral
from services.chassis.web.bodies import Form
from services.intake.pages import choices
from services.intake.pages.answers import COLUMNS, CONSENT, FREE, LISTS, MADE, UCLA, read_answers
from services.intake.pages.choices import HOURS, HOURS_IN_WORDS, PARTS, Choice
from services.intake.pages.reference import made_reference
from services.intake.pages.shown import LABELS, form_view
from services.intake.reading import read_referral
from services.intake.screening import declared_code


def free(*ticked: str) -> list[tuple[str, str, str]]:
    """The windows that ticked boxes stand for."""
    sent, faults = read_answers(Form([(FREE, one) for one in ticked]))
    assert [fault.pointer for fault in faults] == ["/person_id"]
    return [(window["weekday"], window["start"], window["end"]) for window in sent.get(FREE, [])]


def test_parts_of_a_day_that_meet_are_one_stretch() -> None:
    assert free("mon-morning") == [("mon", "08:00", "13:00")]
    assert free("mon-afternoon", "mon-morning") == [("mon", "08:00", "18:00")]
    assert free("tue-morning", "tue-evening") == [("tue", "08:00", "13:00"), ("tue", "17:00", "22:00")]
    assert free("sun-morning", "sun-afternoon", "sun-evening") == [("sun", "08:00", "22:00")]
    assert free() == []


def test_the_hours_that_are_told_are_those_that_are_sent() -> None:
    told = {"8am to 1pm": ("08:00", "13:00"), "12 to 6pm": ("12:00", "18:00"), "5pm to 10pm": ("17:00", "22:00")}
    assert [(part, told[hours]) for part, hours in HOURS_IN_WORDS] == list(HOURS.items())
    assert tuple(HOURS) == PARTS


@pytest.mark.parametrize(
    "offered", [value for value in vars(choices).values() if isinstance(value, tuple) and value and isinstance(value[0], Choice)]
)
def test_every_choice_is_told_differently(offered: tuple[Choice, ...]) -> None:
    assert len({one.value for one in offered}) == len({one.text for one in offered}) == len(offered)


OFFERED = {
    "gender": choices.GENDERS,
    "languages": choices.LANGUAGES,
    "contact.preferred": choices.PREFERRED,
    "contact.safe_to_contact": choices.SAFE,
    "travel.mode": choices.TRAVEL,
    "access_needs": choices.ACCESS,
    "consent": choices.CONSENTS,
    "flags": choices.FLAGS,
    "urgency": choices.URGENCY,
    "loneliness.direct": choices.DIRECT,
}


@pytest.mark.parametrize(("name", "value"), [(name, one.value) for name, offered in OFFERED.items() for one in offered])
def test_whatever_is_chosen_is_accepted(name: str, value: str) -> None:
    sent, faults = read_answers(Form([("person_id", "a"), (MADE, "b"), (name, value)]))
    assert faults == []
    assert isinstance(read_referral(sent), Referral)


def test_consents_and_flags_are_all_there_are_and_unsafe_contact_has_a_question_of_its_own() -> None:
    assert [one.value for one in choices.CONSENTS] == list(Consent.model_fields)
    assert {one.value for one in choices.FLAGS} | {"unsafe_contact"} == set(CODES)
    assert all(declared_code(one.value) == one.value for one in choices.FLAGS)


def test_an_unticked_consent_is_a_no_that_was_said() -> None:
    sent, _ = read_answers(Form([(CONSENT, "match")]))
    assert sent["consent"] == {"match": True, "sms": False, "email": False, "companion": False, "learning": False}


def test_three_answers_of_the_ucla_scale_belong_together() -> None:
    whole, faults = read_answers(Form([("person_id", "a"), *zip(UCLA, "321", strict=True)]))
    assert (whole["loneliness"], faults) == ({"ucla3": [3, 2, 1]}, [])
    half, faults = read_answers(Form([("person_id", "a"), (UCLA[0], "3"), (UCLA[1], "")]))
    assert "loneliness" not in half
    assert [fault.pointer for fault in faults] == ["/loneliness/ucla3"]


def test_every_field_has_a_label_for_its_mistakes() -> None:
    assert LABELS.keys() == {*COLUMNS, *LISTS, CONSENT, FREE, "loneliness.ucla3"}


def test_text_fields_are_bounded_as_the_schema_has_it() -> None:
    longest = form_view(Form([]), []).longest
    assert (longest["interests"], longest["person_id"], longest["contact.phone"], longest["postcode"]) == (10_000, 200, 500, 20)
    assert "age" not in longest


def test_a_made_reference_is_easy_to_read_out_and_never_the_same_twice() -> None:
    entropy = random.Random(1).randbytes
    made = [made_reference(entropy) for _ in range(1000)]
    assert all(re.fullmatch(r"WEB(-[A-Z2-7]{4}){3}", reference) for reference in made)
    assert len(set(made)) == 1000


def test_the_week_of_the_form_is_the_week_of_the_schema() -> None:
    assert [day for day, _ in choices.DAYS] == list(WEEKDAYS)
