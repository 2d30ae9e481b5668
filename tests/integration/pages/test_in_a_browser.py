"""A link worker and a clinic at a real browser: the queue, a case, a referral; by the keyboard alone, without scripts, and without barriers."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from tests.integration.pages.town import HOME, NOW, Town, town
from tests.integration.pages.visitor import CHROMIUM, PHONE, WIDE, Visitor, given_somebody_signed_in, visiting

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no browser: Chromium is not installed")]
SIZES = pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])


@pytest.fixture(scope="module")
def the_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as opened:
        given_people_in_the_queue(opened)
        yield opened


def given_people_in_the_queue(the_town: Town) -> None:
    """Dorothy, who would like to sing; Clive, about whom a flag was raised; Ann, who has not agreed to be matched."""
    wishes = {"interests": "I used to sing. I miss the laughing.", "tags": ["singing"], "age": 71, "access_needs": ["step_free"], **HOME}
    dorothy = {"name": "Dorothy Quill", "phone": "07700 900123", "email": "dorothy@example.org", "safe_to_contact": True}
    asked = {"loneliness": {"ucla3": [3, 2, 1], "direct": 2}, "availability": [{"weekday": "tue", "start": "09:00", "end": "13:00"}]}
    the_town.refer(referral_id="R-1", received_at=(NOW - timedelta(days=9)).isoformat(), contact=dorothy, **wishes, **asked)
    the_town.refer(referral_id="R-2", contact={"name": "Clive Doyle", "phone": "07700 900124", "safe_to_contact": False}, flags=["coercion"])
    the_town.refer(referral_id="R-3", contact={"name": "Ann Vickers"}, consent={"match": False}, interests="Painting", postcode="LE2 6AA")


def given_a_form_filled_in(visitor: Visitor, name: str) -> None:
    visitor.goes_to("/refer")
    visitor.writes("What matters to them", "I would love to sing in a choir again.")
    visitor.writes("Their NHS number, or your own number for them", f"OUR-{name}")
    visitor.writes("Name", name)
    visitor.ticks("Tuesday morning")
    visitor.ticks("Looking for groups for them")


def then_the_queue_is_shown(visitor: Visitor) -> None:
    assert visitor.page.url == f"{visitor.base}/"
    assert visitor.heading() == "Queue"


def then_the_case_of_dorothy_is_shown_with_groups(visitor: Visitor) -> None:
    assert visitor.heading() == "Dorothy Quill"
    told = visitor.reads()
    assert "I used to sing." in told
    assert "1. Larkhill Singers" in told
    assert "Tuesdays, 10am to midday" in told


def then_a_group_is_proposed(visitor: Visitor, name: str) -> None:
    visitor.waits_for("Groups they may want to come back to")
    assert visitor.heading() == name
    assert "1. Larkhill Singers" in visitor.reads()


@SIZES
def test_a_link_worker_signs_in_by_the_ready_address_and_reads_the_queue(chromium: Browser, base: str, the_town: Town, size: tuple[int, int]) -> None:
    with visiting(chromium, base, size) as link_worker:
        given_somebody_signed_in(link_worker, the_town)
        then_the_queue_is_shown(link_worker)
        told = link_worker.reads()
        assert told.index("Clive Doyle") < told.index("Dorothy Quill") < told.index("Ann Vickers")
        assert "Red flag: look first" in told
        link_worker.finds_no_barrier()


def test_a_case_is_opened_by_the_keyboard_alone(chromium: Browser, base: str, the_town: Town) -> None:
    with visiting(chromium, base) as link_worker:
        given_somebody_signed_in(link_worker, the_town)
        link_worker.tabs_to("Dorothy Quill")
        link_worker.page.keyboard.press("Enter")
        link_worker.page.wait_for_url("**/cases/*")
        then_the_case_of_dorothy_is_shown_with_groups(link_worker)
        link_worker.tabs_to("What Larkhill Singers says about itself")
        assert "A choir for anybody" not in link_worker.reads()
        link_worker.page.keyboard.press("Enter")
        assert "A choir for anybody" in link_worker.reads()


@SIZES
@pytest.mark.parametrize("name", ["Dorothy Quill", "Clive Doyle", "Ann Vickers"])
def test_every_kind_of_case_is_without_barriers(chromium: Browser, base: str, the_town: Town, size: tuple[int, int], name: str) -> None:
    with visiting(chromium, base, size) as link_worker:
        given_somebody_signed_in(link_worker, the_town)
        link_worker.follows(name)
        assert link_worker.heading() == name
        link_worker.finds_no_barrier()


def test_the_queue_is_narrowed_by_following_a_status(chromium: Browser, base: str, the_town: Town) -> None:
    with visiting(chromium, base) as link_worker:
        given_somebody_signed_in(link_worker, the_town)
        link_worker.opens("By status")
        link_worker.follows("Needs a person")
        told = link_worker.reads()
        assert "Clive Doyle" in told
        assert "Dorothy Quill" not in told
        link_worker.finds_no_barrier()


@SIZES
def test_the_ledger_of_unmet_need_is_narrowed_by_area(chromium: Browser, base: str, the_town: Town, size: tuple[int, int]) -> None:
    with visiting(chromium, base, size) as link_worker:
        given_somebody_signed_in(link_worker, the_town)
        link_worker.follows("Unmet need")
        link_worker.page.get_by_label("Area").select_option("LE2")
        link_worker.presses("Show")
        assert "Painting and drawing" in link_worker.reads()
        assert "Red flag" not in link_worker.reads()
        link_worker.finds_no_barrier()


@SIZES
def test_a_clinic_refers_somebody_by_the_form_and_sees_groups_proposed(chromium: Browser, base: str, the_town: Town, size: tuple[int, int]) -> None:
    with visiting(chromium, base, size) as clinic:
        name = f"Ewan Pike {size[0]}"
        given_somebody_signed_in(clinic, the_town)
        given_a_form_filled_in(clinic, name)
        clinic.finds_no_barrier()
        clinic.presses("Send the referral")
        assert clinic.heading() == "Referral received"
        assert "Its reference is WEB-" in clinic.reads()
        clinic.finds_no_barrier()
        with clinic.page.expect_navigation():
            clinic.page.get_by_role("button", name="See the case").click()
        then_a_group_is_proposed(clinic, name)


def test_a_referral_is_sent_by_the_keyboard_alone(chromium: Browser, base: str, the_town: Town) -> None:
    with visiting(chromium, base) as clinic:
        given_somebody_signed_in(clinic, the_town)
        clinic.goes_to("/refer")
        for label, typed in (("What matters to them", "Singing"), ("Their NHS number, or your own number for them", "OUR-KEYS")):
            clinic.tabs_to(label)
            clinic.page.keyboard.type(typed)
        for label in ("Wednesday evening", "Looking for groups for them"):
            clinic.tabs_to(label)
            clinic.page.keyboard.press("Space")
        clinic.tabs_to("Send the referral")
        with clinic.page.expect_navigation():
            clinic.page.keyboard.press("Enter")
        assert clinic.heading() == "Referral received"


def test_a_referral_is_sent_without_scripts(chromium: Browser, base: str, the_town: Town) -> None:
    with visiting(chromium, base, scripts=False) as clinic:
        given_somebody_signed_in(clinic, the_town)
        given_a_form_filled_in(clinic, "Zoë Marsh")
        clinic.presses("Send the referral")
        clinic.presses("See the case")
        then_a_group_is_proposed(clinic, "Zoë Marsh")


@SIZES
def test_a_form_with_mistakes_tells_them_moves_the_focus_and_keeps_what_was_typed(
    chromium: Browser, base: str, the_town: Town, size: tuple[int, int]
) -> None:
    with visiting(chromium, base, size) as clinic:
        given_somebody_signed_in(clinic, the_town)
        clinic.goes_to("/refer")
        clinic.writes("Name", "Ewan Pike")
        clinic.writes("Age", "about seventy")
        clinic.ticks("Tuesday morning")
        clinic.presses("Send the referral")
        assert clinic.page.title().startswith("Error: ")
        assert clinic.focused().startswith("There is a problem")
        clinic.finds_no_barrier()
        clinic.follows("Age must be a whole number")
        assert clinic.page.evaluate("document.activeElement.id") == "age"
        assert clinic.page.get_by_label("Name", exact=True).input_value() == "Ewan Pike"
        assert clinic.page.get_by_label("Tuesday morning").is_checked()


def test_the_focus_moves_to_the_mistakes_without_scripts_too(chromium: Browser, base: str, the_town: Town) -> None:
    with visiting(chromium, base, scripts=False) as clinic:
        given_somebody_signed_in(clinic, the_town)
        clinic.goes_to("/refer")
        clinic.presses("Send the referral")
        assert clinic.page.locator(".nhsuk-error-summary:focus").count() == 1


def test_a_word_without_end_makes_no_page_wider(chromium: Browser, base: str, the_town: Town) -> None:
    with visiting(chromium, base, PHONE) as link_worker:
        given_somebody_signed_in(link_worker, the_town)
        endless = {"name": "W" * 300, "phone": "0" * 300, "email": f"{'w' * 300}@example.org", "preferred": "w" * 300}
        given = {"contact": endless, "referrer": {"organisation": "W" * 300, "practitioner": "W" * 300}, "interests": f"Singing {'w' * 300}"}
        case_id = the_town.refer(referral_id="R" * 150, tags=["t" * 100], gender="g" * 100, urgency="urgent", **given)
        endless_note = {"act": "note", "which": "note", "version": "0", "text": "W" * 300, "name": "W" * 300}
        the_town.agree(case_id, "choir")
        with the_town.browser() as client:
            assert client.post(f"/cases/{case_id}", data=endless_note).status_code == 303
        for address in ("/", f"/cases/{case_id}", the_town.link("choir")):
            link_worker.goes_to(address)
            link_worker.finds_no_barrier()


def test_a_page_that_is_not_there_is_without_barriers_too(chromium: Browser, base: str, the_town: Town) -> None:
    with visiting(chromium, base) as link_worker:
        given_somebody_signed_in(link_worker, the_town)
        link_worker.goes_to("/cases/nobody")
        assert link_worker.heading() == "Page not found"
        link_worker.finds_no_barrier()
