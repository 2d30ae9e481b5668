"""A link worker at a real browser asks two people apart whether they go together, and learns a name once both said yes."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.integration.pages.casework import busy_town, given_a_case, then_it_was_done, then_it_was_not_done
from tests.integration.pages.town import Town, until
from tests.integration.pages.visitor import CHROMIUM, PHONE, WIDE, Visitor, visiting

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no browser: Chromium is not installed")]
AGREED = {"match": True, "sms": True, "companion": True}


@pytest.fixture(scope="module")
def the_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with busy_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


@pytest.mark.parametrize(("size", "surname"), [(WIDE, "Quill"), (PHONE, "Okafor")], ids=["wide", "phone"])
def test_two_people_are_asked_apart_and_told_when_both_said_yes(
    chromium: Browser, base: str, the_town: Town, size: tuple[int, int], surname: str
) -> None:
    with visiting(chromium, base, size) as link_worker:
        one, other = given_two_with_the_same_first_session(link_worker, the_town, surname)
        before = told_on_the_queue(link_worker)
        link_worker.goes_to(f"/cases/{one}")
        assert "Somebody else goes there for the first time too" in link_worker.reads()
        assert "Tobias" not in link_worker.reads()
        link_worker.finds_no_barrier()
        link_worker.presses("Ask both")
        then_it_was_done(link_worker, "Both are to be asked")
        assert "Say nothing of who it is." in link_worker.reads()
        link_worker.presses("They said yes to going together")
        then_it_was_done(link_worker, "they would like to go together")
        assert "Tobias" not in link_worker.reads()
        link_worker.goes_to(f"/cases/{other}")
        assert "Dorothy" not in link_worker.reads()
        link_worker.presses("They said yes to going together")
        assert "they meet Dorothy at the group’s door on" in link_worker.reads()
        link_worker.finds_no_barrier()
        assert [now - then for now, then in zip(told_on_the_queue(link_worker), before, strict=True)] == [0, 1, 1, 0]
        link_worker.finds_no_barrier()
        link_worker.goes_to(f"/cases/{other}")
        the_town.decide(one, action="close")
        link_worker.presses("They would rather not after all to going together")
        then_it_was_not_done(link_worker, "They are not to go together with anybody now")
        assert "They come alone this time, and are welcome." in link_worker.reads()
        the_town.decide(other, action="close")


def told_on_the_queue(link_worker: Visitor) -> list[int]:
    """How many pairs could go together, were asked, both said yes, and went."""
    link_worker.goes_to("/")
    told = re.search(r"(\d+) pairs? of people could .*: (\d+) asked, (\d+) both said yes, (\d+) went together\.", link_worker.reads())
    assert told
    return [int(count) for count in told.groups()]


def given_two_with_the_same_first_session(link_worker: Visitor, the_town: Town, surname: str) -> tuple[str, str]:
    """Dorothy and Tobias, who agreed to have a companion and hold a place in the same choir."""
    one, other = (given_a_case(link_worker, the_town, name, consent=AGREED) for name in (f"Dorothy {surname}", f"Tobias {surname}"))
    for case_id in (one, other):
        the_town.agree(case_id, "choir")
    until(lambda: the_town.case(one)["companion"])
    return one, other
