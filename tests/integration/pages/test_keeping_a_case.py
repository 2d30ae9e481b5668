"""A link worker at a real browser keeps a case: settles and raises flags, closes tasks, writes notes, and records who came."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.integration.pages.casework import busy_town, given_a_case, then_it_was_done, then_it_was_not_done
from tests.integration.pages.town import Town
from tests.integration.pages.visitor import CHROMIUM, PHONE, WIDE, visiting

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no browser: Chromium is not installed")]
SIZES = pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])


@pytest.fixture(scope="module")
def the_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with busy_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


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
