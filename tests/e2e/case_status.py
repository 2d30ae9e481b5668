"""The status of every case worked out from the facts on the streams alone, by the table of the design and without the coordinator's own rules."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from tests.e2e.loop_counts import Happened, Log

_PLACED: Final = ("PlaceHeld", "PlaceMoved", "PlaceConfirmed")
_LOST: Final = ("PlaceRefused", "PlaceReleased")
_OF_PLACES: Final = (*_PLACED, *_LOST, "PlaceWaitlisted")


def may_be(log: Log, times: Mapping[str, datetime]) -> dict[str, set[str]]:
    """What each case's status may be; more than one only where a sealed part tells which."""
    by_case: defaultdict[str, list[Happened]] = defaultdict(list)
    for one in log.all:
        by_case[one.data.get("case_id", "")].append(one)
    erased = {one.data["person"] for one in log.named("PersonErased")}
    flagged, cleared = log.named("RedFlagRaised"), {flag for one in log.named("RedFlagCleared") for flag in one.data["flag_ids"]}
    open_ = {one.data["person"] for one in flagged if one.data["flag_id"] not in cleared}
    cases = {one.data["case_id"]: one.data["person"] for one in log.named("ReferralReceived")}
    return {case: {"gone"} if person in erased else _status(by_case[case], person in open_, times) for case, person in cases.items()}


def _status(facts: Iterable[Happened], flagged: bool, times: Mapping[str, datetime]) -> set[str]:
    by_name: defaultdict[str, list[Happened]] = defaultdict(list)
    for one in facts:
        by_name[one.name].append(one)
    if by_name["ReferralWithdrawn"]:
        return {"withdrawn"}
    if len(by_name["ReferralClosed"]) > len(by_name["ReferralReopened"]):
        return {"closed"}
    if flagged:
        return {"needs_human"}
    if by_name["SessionAttended"]:
        return {"attended"}
    chosen = max(by_name["GroupChosen"], key=lambda one: int(one.data["version"]), default=None)
    declined = max((int(one.data["version"]) for one in by_name["MatchesDeclined"]), default=0)
    if chosen is None or declined > chosen.data["version"]:
        return {"proposed"} if declined else _of_proposal([*by_name["MatchesProposed"], *by_name["NoMatchFound"]], times)
    asked = len(by_name["GroupChosen"])
    return _of_place([one for name in _OF_PLACES for one in by_name[name]], by_name["PlaceRequested"], by_name["PlaceGivenUp"], asked)


def _of_proposal(answers: list[Happened], times: Mapping[str, datetime]) -> set[str]:
    if not answers:
        return {"received"}
    newest = max(answers, key=lambda one: (times[one.id], one.id))
    return {"proposed"} if newest.name == "MatchesProposed" else {"no_match", "needs_human"}


def _of_place(answers: list[Happened], requested: list[Happened], given_up: list[Happened], asked: int) -> set[str]:
    """By the answers about the place that was asked for last, the one with the highest count."""
    assert len(requested) == asked, "every decision asks for one place"
    place = requested[-1].data["place_id"]
    own = sorted((one for one in answers if one.data["place_id"] == place), key=lambda one: int(one.data["count"]))
    if any(one.data["place_id"] == place for one in given_up):
        return {"proposed"}
    if not own:
        return {"agreed"}
    return {"placed"} if own[-1].name in _PLACED else {"proposed"} if own[-1].name in _LOST else {"waitlisted"}
