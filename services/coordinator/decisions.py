"""Decisions about a case: choose, decline, close, reopen, raise and clear flags; of two on the same version one wins.

Each is a pure function of the command and of what stands. What stands already is answered with no fact; what contradicts it is refused with
a sentence that says what stands.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from models.schedule import MINUTES_A_WEEK, offset_minutes, span
from schemas.events.base import Part
from schemas.events.cases import Note, NoteWritten
from schemas.events.matches import Choice, Declined, GroupChosen, MatchesDeclined
from schemas.events.places import PlaceGivenUp, PlaceRequested, WeeklySession, WhyGivenUp
from schemas.events.referrals import FlagsSettled, RedFlag, RedFlagCleared, RedFlagRaised, ReferralClosed, ReferralReopened, WhyEnded
from schemas.group import Group
from schemas.referral import Window
from services.chassis.errors import Conflict
from services.chassis.ids import derived_id
from services.chassis.service import Cause, Fact
from services.coordinator.commands import ChooseGroup, ClearFlags, CloseCase, Command, DeclineGroups, RaiseFlag, ReopenCase
from services.coordinator.domain import Case
from services.coordinator.places import Place, place_id_of
from services.coordinator.standing import Standing

NO_REASON_GIVEN: Final = "no_reason_given"
ANOTHER_FLAG: Final = "other"


class Free(Part):
    """All that choosing needs of a person's needs: when they are free, and in which time zone."""

    availability: tuple[Window, ...] = ()
    time_zone: str | None = None


@dataclass(frozen=True, slots=True)
class Declines:
    """Each declined group with the reason that was given last, and the reason of the newest decline where that was of all there was.

    `since_proposal` counts what was declined since the newest answer of the matcher, `since_choice` since the newest choice of a group.
    """

    since_proposal: Mapping[str, str] = field(default_factory=dict)
    since_choice: Mapping[str, str] = field(default_factory=dict)
    all_for: str | None = None


NOTHING_DECLINED: Final = Declines()


@dataclass(frozen=True, slots=True)
class Known:
    """What a decision rests on: the case, how it stands, which groups are proposed, and what was declined so far."""

    case: Case
    standing: Standing
    proposed: Sequence[str] = ()
    declined: Declines = NOTHING_DECLINED


def choose(command: ChooseGroup, known: Known, group: Group, free: Free, zone: str) -> list[Fact]:
    """GroupChosen and PlaceRequested, and the place before given up where there is one.

    Raises:
        Conflict: the case has ended, or something else was decided than the caller saw.
    """
    _refuse_where_ended(known.standing)
    chosen = known.standing.chosen
    if (chosen and chosen.group_id == command.group_id) or _asked_before(command, known.standing):
        return []
    _refuse_other_version(command.version, known.standing)
    if chosen and command.version is None:
        raise Conflict(f"{_what_stands(known.standing)}; to change it, say which version you saw")
    case, version = known.case, known.standing.version + 1
    details = Choice(override=command.group_id not in known.proposed, note=command.note)
    choice = Fact(GroupChosen(person=case.person, case_id=case.case_id, group_id=command.group_id, version=version, details=details), _cause(command))
    given_up = [give_up(chosen, case, "changed", choice)] if chosen else []
    requested = PlaceRequested(
        group_id=command.group_id,
        place_id=place_id_of(case.case_id, version),
        person=case.person,
        case_id=case.case_id,
        weekly=suiting(group, free, zone, command.at),
    )
    return [choice, *given_up, Fact(requested, choice)]


def decline(command: DeclineGroups, known: Known) -> list[Fact]:
    """MatchesDeclined for one group or for all that are proposed and chosen; the chosen one's place is given up.

    A decline of another group than the chosen one leaves that alone, and carries its version.

    Raises:
        Conflict: the case has ended, nothing is proposed, or something else was decided than the caller saw.
    """
    _refuse_where_ended(known.standing)
    standing, chosen = known.standing, known.standing.chosen
    asked = _asked(command, known)
    if (chosen is None or chosen.group_id not in asked) and _declined_already(command, asked, known):
        return []
    if not asked:
        raise Conflict("nothing is proposed that could be declined")
    _refuse_other_version(command.version, standing)
    if chosen and command.version is None:
        raise Conflict(f"{_what_stands(standing)}; to decline, say which version you saw")
    given_up = chosen if chosen and chosen.group_id in asked else None
    version = standing.version if chosen and not given_up else standing.version + 1
    data = MatchesDeclined(person=known.case.person, case_id=known.case.case_id, version=version, matching=Declined(groups=asked))
    declined = Fact(data, _cause(command))
    return [declined, *([give_up(given_up, known.case, "declined", declined)] if given_up else []), *note(command.note, known.case, declined)]


def close(command: CloseCase, known: Known) -> list[Fact]:
    """ReferralClosed, and the place given up; nothing where the case has ended already.

    Raises:
        Conflict: something else was decided than the caller saw.
    """
    if known.standing.ended:
        return []
    _refuse_other_version(command.version, known.standing)
    case, chosen = known.case, known.standing.chosen
    details = WhyEnded(reason=command.reason, note=command.note)
    closed = Fact(ReferralClosed(person=case.person, case_id=case.case_id, details=details), _cause(command))
    return [closed, *([give_up(chosen, case, "closed", closed)] if chosen else [])]


def reopen(command: ReopenCase, known: Known) -> list[Fact]:
    """ReferralReopened; nothing where the case is open.

    Raises:
        Conflict: the referral was withdrawn, or something else was decided than the caller saw.
    """
    if known.standing.status == "withdrawn":
        raise Conflict("the referral was withdrawn, so this case stays ended; a new referral opens a new one")
    if known.standing.status != "closed":
        return []
    _refuse_other_version(command.version, known.standing)
    details = WhyEnded(reason=command.reason, note=command.note)
    return [Fact(ReferralReopened(person=known.case.person, case_id=known.case.case_id, details=details), _cause(command))]


def raise_flag(command: RaiseFlag, known: Known, open_codes: Collection[str], noted: Collection[str]) -> list[Fact]:
    """RedFlagRaised, whatever version the caller saw; where a flag with this code is open, their note alone, if it is not among those `noted`."""
    code, case = command.reason or ANOTHER_FLAG, known.case
    if code in open_codes:
        return [] if command.note in noted else note(command.note, case, _cause(command))
    flag_id = derived_id(command.id, "flag", case.case_id, 0)
    matching = RedFlag(code=code, noticed_in="coordinator")
    raised = Fact(RedFlagRaised(person=case.person, case_id=case.case_id, flag_id=flag_id, matching=matching), _cause(command))
    return [raised, *note(command.note, case, raised)]


def clear_flags(command: ClearFlags, known: Known) -> list[Fact]:
    """RedFlagCleared for every open flag of the person; nothing where none is open.

    Raises:
        Conflict: something else was decided than the caller saw, or a flag was raised that they did not see.
    """
    if not known.standing.flags:
        return []
    _refuse_other_version(command.version, known.standing)
    if command.seen is not None and not known.standing.flags <= command.seen:
        raise Conflict("another flag was raised since; read it first")
    details = FlagsSettled(note=command.note, settled_by=command.settled_by)
    data = RedFlagCleared(person=known.case.person, flag_ids=sorted(known.standing.flags), details=details)
    return [Fact(data, _cause(command))]


def give_up(place: Place, case: Case, reason: WhyGivenUp, cause: Fact) -> Fact:
    """PlaceGivenUp, following from a fact of the same answer."""
    return Fact(PlaceGivenUp(group_id=place.group_id, place_id=place.place_id, person=case.person, case_id=case.case_id, reason=reason), cause)


def note(text: str | None, case: Case, cause: Fact | Cause) -> list[Fact]:
    """NoteWritten, where there is something to note."""
    return [Fact(NoteWritten(person=case.person, case_id=case.case_id, details=Note(text=text)), cause)] if text else []


def suiting(group: Group, free: Free, zone: str, at: datetime) -> WeeklySession | None:
    """The first of the group's weekly sessions that lies inside one of the person's windows, both told by the person's clock.

    `zone` holds for whoever has none of their own. One that is not held every week counts where no other fits. None: there are no windows, or
    none fits.
    """
    theirs, its, today = free.time_zone or zone, group.time_zone or zone, at.date()
    ahead = offset_minutes(theirs, today) - offset_minutes(its, today) if theirs != its else 0
    windows = [span(window.weekday, window.start, window.end) for window in free.availability]
    fitting = []
    for session in group.sessions:
        start, length = span(session.weekday, session.start, session.end)
        if any((start + ahead - first) % MINUTES_A_WEEK + length <= free_for for first, free_for in windows):
            fitting.append((session.every_weeks > 1, start, session))
    best = min(fitting, key=lambda one: one[:2], default=None)
    return WeeklySession(weekday=best[2].weekday, start=best[2].start) if best else None


def _asked(command: DeclineGroups, known: Known) -> dict[str, str]:
    reason = command.reason or NO_REASON_GIVEN
    if command.group_id:
        return {command.group_id: reason}
    chosen = known.standing.chosen
    return dict.fromkeys([*known.proposed, *([chosen.group_id] if chosen else [])], reason)


def _declined_already(command: DeclineGroups, asked: Mapping[str, str], known: Known) -> bool:
    """Whether this very decline stands: whoever has seen the newest decision speaks of what is proposed since, everybody else asks again."""
    declined, reason = known.declined, command.reason or NO_REASON_GIVEN
    if asked and asked.items() <= declined.since_proposal.items():
        return True
    if command.version == known.standing.version and asked and known.standing.chosen is None:
        return False
    return declined.since_choice.get(command.group_id) == reason if command.group_id else declined.all_for == reason


def _refuse_where_ended(standing: Standing) -> None:
    if standing.status == "withdrawn":
        raise Conflict("the referral was withdrawn, so nothing can be decided any more")
    if standing.status == "closed":
        raise Conflict("the case is closed; reopen it first")


def _refuse_other_version(version: int | None, standing: Standing) -> None:
    if version is not None and version != standing.version:
        raise Conflict(f"{_what_stands(standing)}; you saw version {version}: look at the case again")


def _asked_before(command: ChooseGroup, standing: Standing) -> bool:
    """Whether the newest decision, next to the version that the caller saw, is this very one: an answer that was lost is asked for again."""
    decided = standing.decided
    return decided is not None and (decided.version - 1, decided.group_id) == (command.version, command.group_id)


def _what_stands(standing: Standing) -> str:
    if standing.version == 0:
        return "nothing is decided yet (version 0)"
    if standing.decided is None:
        return f"what was proposed is declined (version {standing.version})"
    lost = " and no place was given" if standing.decided.lost else ""
    return f"the group {standing.decided.group_id} is chosen{lost} (version {standing.version})"


def _cause(command: Command) -> Cause:
    return Cause(command.id, command.id)
