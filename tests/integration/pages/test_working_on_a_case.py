"""A link worker at a real browser decides on a case: agrees, is told when somebody was quicker, turns down, and closes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.integration.pages.casework import WISHES, busy_town, given_a_case, then_it_was_done, then_it_was_not_done
from tests.integration.pages.town import Town
from tests.integration.pages.visitor import CHROMIUM, PHONE, WIDE, visiting

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no browser: Chromium is not installed")]
SIZES = pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])


@pytest.fixture(scope="module")
def the_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with busy_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


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
