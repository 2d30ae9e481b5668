"""A case's page: the person, their words, how to reach them, what was proposed and why, or why nothing was."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.integration.pages.town import HOME, NOW, Town, part, town, words

PERSON = {
    "person_id": "nhs:999 000 0123",
    "received_at": (NOW - timedelta(days=3)).isoformat(),
    "interests": "I used to sing.\nI miss it & the <b>laughing</b>.",
    "age": 71,
    "gender": "female",
    "languages": ["en", "cy"],
    "access_needs": ["step_free"],
    "postcode": "LE2 6AA",
    **HOME,
    "travel": {"mode": "bus", "max_km": 4},
    "availability": [{"weekday": day, "start": "09:00", "end": "15:00"} for day in ("mon", "tue", "wed", "thu", "fri")],
    "max_cost": 3,
    "loneliness": {"ucla3": [3, 2, 1], "direct": 2},
    "consent": {"match": True, "sms": True},
    "contact": {"name": "Dorothy <i>Quill</i>", "phone": "07700 900123", "email": "dorothy@example.org", "preferred": "sms", "safe_to_contact": True},
    "referrer": {"organisation": "Larkhill Surgery", "practitioner": "Dr Amina Yusuf"},
    "tags": ["singing"],
}


@pytest.fixture(scope="module")
def the_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


@pytest.fixture(scope="module")
def dorothy(the_town: Town) -> str:
    """The address of a case with groups proposed."""
    return f"/cases/{the_town.refer(referral_id='R-DOROTHY', **PERSON)}"


def test_it_opens_with_who_it_is_how_it_stands_and_what_to_do(browser: TestClient, dorothy: str) -> None:
    text = words(browser.get(dorothy))
    assert text.startswith("Dorothy <i>Quill</i> Groups proposed Waiting 3 days")
    assert "Referred by Dr Amina Yusuf, Larkhill Surgery" in text
    assert "Reference R-DOROTHY" in text
    assert "Next step: Agree a group with the person" in text


def test_what_they_said_stands_there_as_they_said_it(browser: TestClient, dorothy: str) -> None:
    said = part(browser.get(dorothy), "In their own words", "How to reach them")
    assert said == " I used to sing. I miss it & the <b>laughing</b>. "


def test_nothing_that_was_sent_becomes_part_of_the_page(browser: TestClient, dorothy: str) -> None:
    page = browser.get(dorothy).text
    assert "<i>Quill" not in page
    assert "<b>laughing" not in page
    assert "<b>talk" not in page


def test_it_says_how_to_reach_them_and_that_it_is_safe(browser: TestClient, dorothy: str) -> None:
    page = browser.get(dorothy)
    reach = part(page, "How to reach them", "What they need")
    assert "It is safe to contact them this way." in reach
    assert "Phone 07700 900123 Email dorothy@example.org Prefers Text message" in reach
    assert 'href="tel:07700900123"' in page.text


@pytest.mark.parametrize(
    ("safe", "said"),
    [(False, "It is not safe to contact them."), (None, "Nobody has asked whether this is safe."), (True, "It is safe to contact them")],
)
def test_it_never_leaves_open_whether_contact_is_safe(the_town: Town, browser: TestClient, safe: bool | None, said: str) -> None:
    case = the_town.refer(referral_id=f"R-SAFE-{safe}", contact={"phone": "07700 900123", "safe_to_contact": safe})
    assert said in part(browser.get(f"/cases/{case}"), "How to reach them", "What they need")


def test_needs_are_told_at_a_glance(browser: TestClient, dorothy: str) -> None:
    needs = part(browser.get(dorothy), "What they need", "What they agreed to")
    assert "Likes Singing Age 71 Gender Female Lives in LE2 6AA Gets about By bus, up to 4 km" in needs
    assert "Is free Monday to Friday: 9am to 3pm Needs Step-free Can pay Up to £3 a session Speaks English, Welsh" in needs


def test_what_they_agreed_to_and_what_not_is_in_words(browser: TestClient, dorothy: str) -> None:
    agreed = part(browser.get(dorothy), "What they agreed to", "Loneliness")
    assert "Yes: Being matched with groups Yes: Text messages No: Emails No: Somebody going along" in agreed


def test_loneliness_is_told_as_it_was_answered_and_the_convention_is_called_one(browser: TestClient, dorothy: str) -> None:
    told = part(browser.get(dorothy), "Loneliness", "Groups they may want")
    assert "Feels lonely Some of the time" in told
    assert "6 of 9 (lonely by convention) Lack companionship: often Feel left out: some of the time" in told


def test_a_proposed_group_is_told_by_name_with_all_it_takes_to_go_there(browser: TestClient, dorothy: str) -> None:
    page = browser.get(dorothy)
    first = part(page, "1. Larkhill Singers", "2. ")
    assert re.search(r"Fit: (very good|good|fair|some) ", first)
    assert "%" not in first
    assert "When Tuesdays, 10am to midday Where Larkhill Hall, LE2 1AA (less than 100 metres away) Cost Free Access Step-free, hearing loop" in first
    assert "Why" in first
    assert "Free of charge" in first
    assert "A choir for anybody who likes singing." in first
    assert "Monday to Friday, 9am to 10am" in words(page)


def test_groups_ruled_out_are_told_with_the_rule_in_words_and_counted(browser: TestClient, dorothy: str) -> None:
    ruled_out = part(browser.get(dorothy), "What was ruled out", "What has happened")
    assert "Games & Gossip lacks access that they need" not in ruled_out  # it also meets when they are not free
    assert "Chess at the Library is not running at the moment" in ruled_out
    assert "2 groups ruled out, each counted once" in ruled_out
    assert "Is not running at the moment 1" in ruled_out
    assert "Lacks access that they need 1" in ruled_out


def test_what_would_have_put_a_group_first_is_said(the_town: Town, browser: TestClient) -> None:
    likes = {"interests": "Gardening and singing", "tags": ["gardening", "singing"], "age": 70}
    case = the_town.refer(referral_id="R-CONTRAST", latitude=52.66, longitude=-1.2, **likes)
    second = part(browser.get(f"/cases/{case}"), "2. Abbot’s Park Gardeners", "3. ")
    assert "Would be first if it were free" in second


def test_the_history_begins_with_the_referral_in_the_settings_time_zone(browser: TestClient, dorothy: str) -> None:
    history = part(browser.get(dorothy), "What has happened", "Ranked by")
    assert history == " Sunday 28 June 2026, 9:15am The referral arrived Wednesday 1 July 2026, 9:15am Groups were proposed "


FAR_OFF = {"languages": ["so"], "travel": {"mode": "walk", "max_km": 0.1}, "latitude": 57.0, "longitude": -4.0, "max_cost": 0}
SUNDAYS = {"availability": [{"weekday": "sun", "start": "06:00", "end": "07:00"}]}
ABSTAINED: dict[str, tuple[dict[str, Any], str, str]] = {
    "R-FLAG": ({"flags": ["capacity"]}, "A person must look first, so no group was proposed", "Speak with the person, or with whoever referred them"),
    "R-CONSENT": ({"consent": {"match": False}}, "They have not agreed to be matched", "Ask them whether groups may be looked for."),
    "R-LITTLE": ({"interests": ""}, "Too little is known of what they would like", "Ask what they enjoy"),
    "R-NOBODY": (FAR_OFF | SUNDAYS, "No group within reach fits", "See which groups were nearly right"),
}


@pytest.mark.parametrize("reference", ABSTAINED)
def test_an_abstention_is_told_in_plain_words_with_what_to_do_next(the_town: Town, browser: TestClient, reference: str) -> None:
    fields, heading, advice = ABSTAINED[reference]
    text = words(browser.get(f"/cases/{the_town.refer(referral_id=reference, **fields)}"))
    assert heading in text
    assert advice in text
    assert "Groups they may want to come back to" not in text
    assert "No group was proposed:" in text


GUESSES = "Ask first what they would like: these groups are guesses"


def test_where_nothing_known_speaks_for_any_group_a_human_is_to_ask_first(the_town: Town, browser: TestClient) -> None:
    case = the_town.refer(referral_id="R-GUESSES", interests="", tags=[], max_cost=5)
    guessed = part(browser.get(f"/cases/{case}"), GUESSES, "What has happened")
    groups = [match["group_id"] for match in the_town.case(case)["proposal"]["matches"]]
    assert guessed.count("Nothing we know says whether you would like it") == len(groups)
    the_town.agree(case, groups[0])
    assert GUESSES not in words(browser.get(f"/cases/{case}"))


def test_one_wish_that_a_group_meets_is_no_guess(browser: TestClient, dorothy: str) -> None:
    assert GUESSES not in words(browser.get(dorothy))


def test_red_flags_are_told_in_words_with_where_they_were_noticed(the_town: Town, browser: TestClient) -> None:
    case = the_town.refer(referral_id="R-TWO-FLAGS", flags=["abuse"], interests="I want to kill myself")
    flags = part(browser.get(f"/cases/{case}"), "Red flag: look at this first", "In their own words")
    assert "Abuse or neglect (marked by whoever referred them)" in flags
    assert "Harming themselves (read in the words of the referral)" in flags
    assert "call 999" in flags


def test_a_flag_of_the_same_persons_other_referral_is_told_too(the_town: Town, browser: TestClient) -> None:
    case = the_town.refer(referral_id="R-FIRST", person_id="nhs:111")
    the_town.refer(referral_id="R-SECOND", person_id="nhs:111", flags=["coercion"])
    assert "It was raised in another referral of the same person." in words(browser.get(f"/cases/{case}"))


def test_a_referral_with_next_to_nothing_in_it_has_a_page_too(the_town: Town, browser: TestClient) -> None:
    text = words(browser.get(f"/cases/{the_town.refer(referral_id='R-BARE', interests='', consent=None)}"))
    assert text.startswith("Name not given")
    assert "The referral has no words of theirs." in text
    assert "None given: ask whoever referred them" in text
    assert "They have not been asked." in text


def test_an_address_for_mail_is_an_address_and_nothing_more(the_town: Town, browser: TestClient) -> None:
    case = the_town.refer(referral_id="R-MAIL", contact={"email": "a@b.example?bcc=c@d.example&body=x"})
    assert 'href="mailto:a@b.example%3Fbcc%3Dc@d.example%26body%3Dx"' in browser.get(f"/cases/{case}").text


def test_a_case_that_is_not_there_is_a_page_that_says_so(browser: TestClient) -> None:
    answer = browser.get("/cases/00000000-0000-4000-8000-000000000000")
    assert answer.status_code == 404
    assert "Page not found" in words(answer)


def test_the_title_which_browsers_keep_names_nobody(browser: TestClient, dorothy: str) -> None:
    title = re.search(r"<title>(.*)</title>", browser.get(dorothy).text)
    assert title
    assert title[1] == "Case: groups proposed – Better Together"


def test_that_details_were_read_is_recorded_and_the_log_holds_none_of_them(the_town: Town, browser: TestClient, dorothy: str) -> None:
    before = the_town.log().count('"shown": "case"')
    browser.get(dorothy)
    recorded = the_town.log()
    assert recorded.count('"shown": "case"') == before + 1
    for detail in ("Dorothy", "07700", "dorothy@", "R-DOROTHY", "999 000", "laughing", "LE2 6AA"):
        assert detail not in recorded
