"""What was lived through as the files of groups, referrals and attendance, from which a ranker can be trained and judged."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from models.simulation.living import Story
from models.simulation.newcomers import OPENS
from models.simulation.town import Town
from schemas.attendance import Attendance

GROUPS, REFERRALS, ATTENDANCE = "groups.jsonl", "referrals.jsonl", "attendance.jsonl"


def attendance_of(town: Town, stories: Sequence[Story]) -> Iterator[Attendance]:
    """A row for every group that was proposed to somebody, with the propensity of that; 0 sessions where they never came."""
    for story in stories:
        referral = town.newcomers[story.person].referral
        for row, propensity in zip(story.shown, story.propensity, strict=True):
            went = story.sessions if row == story.agreed else 0
            first = OPENS + timedelta(weeks=story.placed_in + 1) if went and story.placed_in is not None else None
            yield Attendance(
                person_id=str(referral.person_id),
                group_id=town.groups[row].group_id,
                sessions=went,
                first_at=first,
                offered_at=referral.received_at,
                propensity=propensity,
            )


def write_records(town: Town, stories: Sequence[Story], folder: Path) -> list[Path]:
    """Writes the three files into `folder`, made where it is missing; what was written. Raises OSError where it cannot be."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = {
        GROUPS: [group.model_dump_json(exclude_none=True) for group in town.groups],
        REFERRALS: [one.referral.model_dump_json(exclude_none=True) for one in town.newcomers],
        ATTENDANCE: [row.model_dump_json(exclude_none=True) for row in attendance_of(town, stories)],
    }
    for name, rows in lines.items():
        (folder / name).write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return [folder / name for name in lines]
