"""A town in which link workers work on cases, and what they see when something was done, or was not."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from schemas.group import Group
from services.cli.listing import list_groups
from tests.integration.pages.town import GROUPS, HOME, Town, town
from tests.integration.pages.visitor import Visitor, given_somebody_signed_in

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


@contextmanager
def busy_town(folder: Path) -> Iterator[Town]:
    """A town whose choir has room for everybody, and whose crafts group has a waiting list."""
    with town(folder) as opened:
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
