"""A link worker at a real browser works on a case: agrees, is told when somebody was quicker, turns down, settles, records, and closes."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from schemas.group import Group
from services.cli.listing import list_groups
from tests.integration.pages.town import GROUPS, HOME, Town, town
from tests.integration.pages.visitor import CHROMIUM, PHONE, WIDE, Visitor, given_somebody_signed_in, visiting

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no browser: Chromium is not installed")]
SIZES = pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
WISHES: dict[str, Any] = {
    "interests": "I used to sing. I miss the laughing.", "tags": ["singing"], "age": 71, **HOME,
    "availability": [{"weekday": "tue", "start": "09:00", "end": "13:00"}], "consent": {"match": True, "sms": True},
}  # fmt: skip
CRAFTS = {
    "group_id": "crafts",
    "name": "Thursday Crafts",
    "sessions": [{"weekday": "thu", "start": "14:00"}],
    "capacity": {"maximum": 1, "waitlist": True},
}


@pytest.fixture(scope="module")
def the_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as opened:
        roomy = {**GROUPS[0], "capacity": {"maximum": 90, "available": 80}, "contact": {"email": "choir@example.org"}}
        list_groups(opened.running, "town", [Group.model_validate(group) for group in (roomy, *GROUPS[1:], CRAFTS)])
        yield opened


def given_a_case(visitor: Visitor, the_town: Town, name: str, **fields: Any) -> str:
    """Somebody is referred, and a link worker has opened their case."""
    number = "".join(filter(str.isalpha, name))
    case_id = the_town.refer(referral_id=f"R-{number}", contact={"name": name, "phone": "07700 900123", "safe_to_contact": True}, **WISHES | fields)
    given_somebody_signed_in(visitor, the_town)
    visitor.goes_to(f"/cases/{case_id}")
    return case_id


def then_it_was_done(visitor: Visitor, said: str) -> None:
    """The page after says so, and a screen reader is led there."""
    assert visitor.focused().startswith("Success")
    assert said in visitor.focused()
    visitor.finds_no_barrier()


def then_it_was_not_done(visitor: Visitor, said: str) -> None:
    """The page says what stands instead, and a screen reader is led there."""
    assert visitor.page.title().startswith("Error: ")
    assert said in visitor.focused()
    visitor.finds_no_barrier()


@SIZES
def test_a_proposed_group_is_agreed_with_a_note_and_the_place_is_told(chromium: Browser, base: str, the_town: Town, size: tuple[int, int]) -> None:
    with visiting(chromium, base, size) as link_worker:
        case_id = given_a_case(link_worker, the_town, f"Dorothy Quill {'Wide' if size == WIDE else 'Phone'}")
        assert "They would go on Tuesdays at 10am." in link_worker.reads()
        link_worker.opens("Add a note to this choice")
        link_worker.writes("What you agreed with them", "She will come by bus.")
        link_worker.presses("Choose this group Larkhill Singers")
        then_it_was_done(link_worker, "The group is agreed")
        the_town.until_it_is(case_id, "placed")
        link_worker.goes_to(f"/cases/{case_id}")
        told = link_worker.reads()
        assert "Agreed: Larkhill Singers" in told
        assert "A place is held for Tuesday 7 July, 10am. The group has not said yes yet." in told
        assert "She will come by bus." in told
        link_worker.finds_no_barrier()


@SIZES
def test_who_is_beaten_by_another_is_told_what_stands_and_loses_nothing(chromium: Browser, base: str, the_town: Town, size: tuple[int, int]) -> None:
    with visiting(chromium, base, size) as link_worker:
        case_id = given_a_case(link_worker, the_town, f"Ewan Pike {'Wide' if size == WIDE else 'Phone'}")
        link_worker.opens("Add a note to this choice")
        link_worker.writes("What you agreed with them", "He likes the mornings.")
        the_town.agree(case_id, "talk")
        link_worker.presses("Choose this group Larkhill Singers")
        then_it_was_not_done(link_worker, "Somebody else has decided in the meantime: Ring-Round is agreed. A place is held for Tuesday 7 July, 9am.")
        assert "What you wrote is not lost: He likes the mornings." in link_worker.reads()
        assert link_worker.page.get_by_label("What you agreed with them").first.input_value() == "He likes the mornings."
        assert the_town.case(case_id)["chosen_group_id"] == "talk"
        link_worker.presses("Change to this group Larkhill Singers")
        then_it_was_done(link_worker, "The group is agreed")
        assert the_town.case(case_id)["chosen_group_id"] == "choir"


def test_one_group_is_turned_down_with_a_reason_and_then_all_of_them(chromium: Browser, base: str, the_town: Town) -> None:
    with visiting(chromium, base) as link_worker:
        given_a_case(link_worker, the_town, "Ann Vickers")
        link_worker.opens("They do not want Larkhill Singers")
        link_worker.presses_what_is_seen("Turn this group down")
        then_it_was_not_done(link_worker, "Choose why")
        link_worker.chooses("Why not?", "It is too far, or hard to get to")
        link_worker.presses_what_is_seen("Turn this group down")
        then_it_was_done(link_worker, "It is noted that they do not want this.")
        assert "They turned down Larkhill Singers: it is too far, or hard to get to" in link_worker.reads()
        link_worker.opens("None of these suits them")
        link_worker.chooses("Why not?", "They do not feel ready yet")
        link_worker.presses_what_is_seen("Turn all of them down")
        then_it_was_done(link_worker, "It is noted that they do not want this.")
        assert "they do not feel ready yet" in link_worker.reads()


def test_another_group_is_found_by_its_name_and_there_is_a_waiting_list(chromium: Browser, base: str, the_town: Town) -> None:
    with visiting(chromium, base) as link_worker:
        for first in ("R-HOLDER", "R-FIRST-WAITING", "R-SECOND-WAITING"):
            the_town.agree(the_town.refer(referral_id=first, **WISHES), "crafts", "placed" if first == "R-HOLDER" else "waitlisted")
        case_id = given_a_case(link_worker, the_town, "Zoë Marsh")
        link_worker.writes("Part of its name", "craft")
        link_worker.presses("Find groups")
        assert "1 group found for “craft”." in link_worker.reads()
        assert "It meets when they are not free: agree a time with them first." in link_worker.reads()
        link_worker.finds_no_barrier()
        link_worker.presses("Choose this group Thursday Crafts")
        the_town.until_it_is(case_id, "waitlisted")
        link_worker.goes_to(f"/cases/{case_id}")
        assert "Third on the waiting list." in link_worker.reads()
        link_worker.opens("They do not want it after all")
        link_worker.chooses("Why not?", "They would rather not say")
        link_worker.presses_what_is_seen("Give the place back")
        then_it_was_done(link_worker, "It is noted that they do not want this.")
        the_town.until_it_is(case_id, "proposed")


@SIZES
def test_a_flag_is_settled_with_what_was_done_and_by_whom(chromium: Browser, base: str, the_town: Town, size: tuple[int, int]) -> None:
    with visiting(chromium, base, size) as link_worker:
        case_id = given_a_case(link_worker, the_town, f"Clive Doyle {'Wide' if size == WIDE else 'Phone'}", flags=["coercion"])
        link_worker.opens("It is dealt with")
        link_worker.presses_what_is_seen("Settle this flag")
        then_it_was_not_done(link_worker, "Say what was done about it")
        link_worker.writes("What was done about it", "Spoke with him alone. His brother has moved out.")
        link_worker.writes("Your name", "Sam Okafor")
        link_worker.presses_what_is_seen("Settle this flag")
        then_it_was_done(link_worker, "The red flags are settled.")
        told = link_worker.reads()
        assert "The red flags were settled by Sam Okafor Spoke with him alone." in told
        assert "Red flag: look at this first" not in told
        assert the_town.case(case_id)["red_flag"] is False


def test_a_flag_that_was_raised_since_is_never_settled_unread(chromium: Browser, base: str, the_town: Town) -> None:
    with visiting(chromium, base) as link_worker:
        case_id = given_a_case(link_worker, the_town, "Ada Brook", flags=["coercion"])
        the_town.decide(case_id, action="flag", reason="self_harm")
        link_worker.opens("It is dealt with")
        link_worker.writes("What was done about it", "All is well.")
        link_worker.writes("Your name", "Sam Okafor")
        link_worker.presses_what_is_seen("Settle this flag")
        then_it_was_not_done(link_worker, "Another red flag was raised in the meantime. Read it first.")
        told = link_worker.reads()
        assert "What you wrote is not lost: All is well." in told
        assert "Harming themselves (raised by a link worker)" in told
        assert the_town.case(case_id)["red_flag"] is True


def test_a_red_flag_is_raised_by_hand(chromium: Browser, base: str, the_town: Town) -> None:
    with visiting(chromium, base) as link_worker:
        given_a_case(link_worker, the_town, "Ivy Lamb")
        link_worker.opens("Raise a red flag")
        link_worker.chooses("What is it about?", "Abuse or neglect")
        link_worker.writes("What you noticed (optional)", "She is afraid of her son.")
        link_worker.presses_what_is_seen("Raise the red flag")
        then_it_was_done(link_worker, "The red flag is raised.")
        told = link_worker.reads()
        assert "Abuse or neglect (raised by a link worker)" in told
        assert "She is afraid of her son." in told


@SIZES
def test_a_placed_case_tells_its_messages_and_answers_and_its_task_is_closed(
    chromium: Browser, base: str, the_town: Town, size: tuple[int, int]
) -> None:
    with visiting(chromium, base, size) as link_worker:
        case_id = given_a_case(link_worker, the_town, f"Barbara Winter {'Wide' if size == WIDE else 'Phone'}")
        the_town.agree(case_id, "choir")
        link_worker.waits_for("by text message Sent")
        assert "The details of the first session Wednesday 1 July, 9:15am · by text message Sent" in link_worker.reads()
        assert "The reminder on the day before Monday 6 July, 10am · by text message Planned" in link_worker.reads()
        the_town.reply(f"of-R-BarbaraWinter{'Wide' if size == WIDE else 'Phone'}", "Please call me")
        link_worker.waits_for("They asked for a call")
        assert "They wrote: “Please call me” Due by Thursday 2 July, 9:15am" in link_worker.reads()
        link_worker.finds_no_barrier()
        link_worker.opens("It is done")
        link_worker.writes("What came of it", "Rang her: it was about the bus.")
        link_worker.presses_what_is_seen("Close this task")
        then_it_was_done(link_worker, "The task is done.")
        link_worker.opens("Tasks that are done (1)")
        assert "Rang her: it was about the bus." in link_worker.reads()


def test_a_case_is_closed_with_a_reason_and_opened_again(chromium: Browser, base: str, the_town: Town) -> None:
    with visiting(chromium, base) as link_worker:
        case_id = given_a_case(link_worker, the_town, "Joan Lee")
        link_worker.opens("Close this case")
        link_worker.chooses("Why?", "They have found something else")
        link_worker.presses_what_is_seen("Close the case")
        then_it_was_done(link_worker, "The case is closed.")
        told = link_worker.reads()
        assert "The case was closed: they have found something else" in told
        assert "Choose this group" not in told
        link_worker.presses("Open the case again")
        then_it_was_done(link_worker, "The case is open again.")
        assert the_town.case(case_id)["status"] == "proposed"


def test_who_decides_on_a_case_that_was_closed_meanwhile_keeps_their_words(chromium: Browser, base: str, the_town: Town) -> None:
    with visiting(chromium, base) as link_worker:
        case_id = given_a_case(link_worker, the_town, "Olive Dean")
        link_worker.opens("Add a note to this choice")
        link_worker.writes("What you agreed with them", "She knows the conductor.")
        the_town.decide(case_id, action="close", reason="other")
        link_worker.presses("Choose this group Larkhill Singers")
        then_it_was_not_done(link_worker, "Somebody else has decided in the meantime: the case is closed")
        assert "What you wrote is not lost: She knows the conductor." in link_worker.reads()


def test_a_group_is_agreed_by_the_keyboard_alone(chromium: Browser, base: str, the_town: Town) -> None:
    with visiting(chromium, base) as link_worker:
        case_id = given_a_case(link_worker, the_town, "Kit Moss")
        link_worker.tabs_to("Choose this group Larkhill Singers")
        link_worker.tabs_to("Add a note to this choice")
        link_worker.page.keyboard.press("Enter")
        link_worker.tabs_to("What you agreed with them")
        link_worker.page.keyboard.type("By the keyboard.")
        link_worker.page.keyboard.press("Shift+Tab")
        link_worker.page.keyboard.press("Shift+Tab")
        with link_worker.page.expect_navigation():
            link_worker.page.keyboard.press("Enter")
        then_it_was_done(link_worker, "The group is agreed")
        assert the_town.case(case_id)["chosen_group_id"] == "choir"


def test_a_case_is_worked_on_without_scripts(chromium: Browser, base: str, the_town: Town) -> None:
    with visiting(chromium, base, scripts=False) as link_worker:
        case_id = given_a_case(link_worker, the_town, "Max Hill")
        the_town.agree(case_id, "talk")
        link_worker.presses("Choose this group Larkhill Singers")
        assert link_worker.page.locator(".nhsuk-error-summary:focus").count() == 1
        assert "Somebody else has decided in the meantime" in link_worker.reads()
        link_worker.presses("Change to this group Larkhill Singers")
        assert link_worker.page.locator(".nhsuk-notification-banner:focus").count() == 1
        the_town.until_it_is(case_id, "placed")


def test_notes_and_tasks_are_written_with_a_name_and_the_newest_note_stands_first(chromium: Browser, base: str, the_town: Town) -> None:
    with visiting(chromium, base) as link_worker:
        given_a_case(link_worker, the_town, "Rose Hale")
        for text in ("Rang: no answer.", "Rang again: she is looking forward to it."):
            link_worker.opens("Write a note")
            link_worker.writes("Note", text)
            link_worker.writes("Your name", "Sam Okafor")
            link_worker.presses_what_is_seen("Save the note")
            then_it_was_done(link_worker, "The note is written.")
            the_town.later(minutes=1)
        told = link_worker.reads()
        assert told.index("Rang again") < told.index("Rang: no answer.")
        assert "Sam Okafor · Wednesday 1 July 2026, 9:16am" in told
        link_worker.opens("Add a task")
        link_worker.writes("What is to be done", "Ask about the bus")
        for part, number in (("Day", "3"), ("Month", "7"), ("Year", "2026")):
            link_worker.writes(part, number)
        link_worker.presses_what_is_seen("Add the task")
        then_it_was_done(link_worker, "The task is opened.")
        assert "Ask about the bus Due by Friday 3 July, 5pm" in link_worker.reads()


def test_who_came_is_recorded_and_put_right(chromium: Browser, base: str, the_town: Town) -> None:
    with visiting(chromium, base) as link_worker:
        case_id = given_a_case(link_worker, the_town, "Tom Field")
        the_town.agree(case_id, "choir")
        link_worker.goes_to(f"/cases/{case_id}")
        assert "They came on Tuesday 7 July" not in link_worker.reads()
        the_town.later(days=7)
        link_worker.goes_to(f"/cases/{case_id}")
        link_worker.finds_no_barrier()
        link_worker.presses("They came on Tuesday 7 July")
        then_it_was_done(link_worker, "It is noted that they came.")
        assert the_town.case(case_id)["status"] == "attended"
        link_worker.presses("They did not come on Tuesday 7 July")
        then_it_was_done(link_worker, "It is noted that they did not come.")
        assert [one["attended"] for one in the_town.case(case_id)["outcomes"]] == [False]
        link_worker.opens("Another session of Larkhill Singers")
        for part, number in (("Day", "14"), ("Month", "7"), ("Year", "2026")):
            link_worker.writes(part, number)
        link_worker.presses("They came on that day")
        then_it_was_not_done(link_worker, "The date of the session must not lie ahead")
