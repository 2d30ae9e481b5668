"""Which reasons hold for each match to be shown: what the model owes to which feature, the facts, and what is not known.

First, where people are spread over groups and a match does not come by its score alone, that; then that it is a guess, where it is one; then what
speaks for it, by how much the model makes of it; then facts that people want to hear in any case; then what is not known or not ideal, in the
order of `_say_cautions`. Each reason is true of this person and this group.
"""

from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.columns import FREE, UNKNOWN, WAITING
from models.explain import Reason, ReasonCode
from models.features import Name, SignalName
from models.learned.habits import SHRINK
from models.pairs import clocks_ahead
from models.ranker import Ranker
from models.said import Flags, Said
from models.schedule import NO_SESSION, told
from models.shown import Shown

WORTH_SAYING: Final = 0.05
"""What adds less than this to the log-odds is not said for its own sake."""

CLOSE: Final = 0.4
"""Texts are called close from this cosine on; in the sample town two in five such groups are of a kind that the person asked for."""

FACT: Final = 1e-3
"""The weight in the order of what is said in any case."""

MOST_SHARED: Final = 3
"""The most shared words or tags named in one reason."""

ENOUGH_PEOPLE: Final = 5
"""Of fewer people nothing is said."""

TOGETHER: Final[tuple[SignalName, ...]] = ("followed", "linked", "shared", "sought", "lifted", "likeness")
"""What a ranker learns from people who went to two groups."""

ANY_SITUATION: Final = "peer_support"
"""The kind of groups for people in one situation of life that does not say in which."""

OF_TASTE: Final[tuple[SignalName, ...]] = (*TOGETHER, "kindred", "taste_mean", "wording", "familiar")
"""What a ranker learns from where somebody has been of what they like."""

Owed = dict[Name, NDArray[np.float64]]


def reasons(shown: Shown, ranker: Ranker) -> list[tuple[Reason, ...]]:
    """The reasons of each match, in the order in which they are to be read."""
    said = Said(len(shown.rows))
    _say_spread(said, shown)
    owed: Owed = dict(zip(shown.features.values, ranker.contributions(shown.features), strict=True))
    _say_liking(said, shown, owed)
    _say_same_people(said, shown, owed)
    _say_getting_there(said, shown, owed)
    _say_when(said, shown, owed)
    _say_meeting_needs(said, shown, owed)
    _say_company(said, shown, owed)
    _say_guess(said, shown, owed)
    _say_cautions(said, shown)
    return said.by_match()


def _say_spread(said: Said, shown: Shown) -> None:
    """Before all else: where a match does not come by its score alone."""
    first = shown.lead == np.arange(len(shown.rows))
    said.say(first & (shown.best > shown.score), np.inf, "spread_first")
    said.say(shown.score > shown.score[shown.lead], np.inf, "spread_later")


def _fact(owed: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(owed, FACT)


def _say_liking(said: Said, shown: Shown, owed: Owed) -> None:
    close = {name: shown.features.values[name] >= CLOSE for name in ("text", "taste")}
    said.say(close["text"] & (owed["text"] > WORTH_SAYING), owed["text"], "interests")
    said.say(close["taste"] & (owed["taste"] > WORTH_SAYING), owed["taste"], "taste")
    tags, words = shown.pairs.tags, shown.pairs.words
    people, rows = shown.people.tolist(), shown.rows.tolist()

    def shared_tags(match: int) -> str:
        return ", ".join(tags.between(people[match], rows[match])[:MOST_SHARED])

    def shared_words(match: int) -> str:
        tagged = tags.between(people[match], rows[match])
        return ", ".join([word for word in words.between(people[match], rows[match]) if word not in tagged][:MOST_SHARED])

    said.tell_each(shown.at(tags.count) > 0, _fact(owed["tags"]), "tags", shared_tags)
    said.tell_each(shown.at(words.count) > 0, _fact(owed["words"]), "words", shared_words)


def _say_same_people(said: Said, shown: Shown, owed: Owed) -> None:
    """Said by a ranker that has learned who goes where, and of no fewer than `ENOUGH_PEOPLE`, so that it tells of nobody in particular."""
    values = shown.features.values
    if "shared" in values:
        at_least = values["shared"] * np.sqrt((1 + SHRINK) * (np.expm1(values["joined"]) + SHRINK))
        together = np.sum([owed[name] for name in TOGETHER], axis=0)
        said.say((at_least >= ENOUGH_PEOPLE) & (values["lifted"] > 0) & (together > WORTH_SAYING), together, "same_people")


def _say_getting_there(said: Said, shown: Shown, owed: Owed) -> None:
    said.tell(~np.isnan(shown.km), _fact(owed["nearness"]), "distance", np.round(shown.km, 1))
    said.say(shown.facts.online, FACT, "online")
    said.say(~shown.facts.online & ~shown.facts.in_person, FACT, "also_online")


def _say_when(said: Said, shown: Shown, owed: Owed) -> None:
    session = shown.at(shown.pairs.session)
    fits = session != NO_SESSION
    sessions = shown.directory.sessions
    which = np.where(fits, session, 0)
    if fits.any():
        start = sessions.start[which] + clocks_ahead(shown.block, shown.directory, shown.today, shown.people, shown.rows)
        stretch = start.astype(np.int64) << 16 | sessions.length[which]
        said.tell(fits, _fact(owed["schedule"]), "time", stretch, lambda both: told(both >> 16, both & 0xFFFF))
    said.say((shown.facts.every_weeks == 1) & (owed["rhythm"] > WORTH_SAYING), owed["rhythm"], "weekly")


def _say_meeting_needs(said: Said, shown: Shown, owed: Owed) -> None:
    facts, people = shown.facts, shown.block.people
    needed = shown.pairs.access.stated[shown.people] > 0
    spoken = shown.at(shown.pairs.languages.count) > 0

    def needs_met(person: int) -> str:
        return ", ".join(dict.fromkeys(people[person].needs.access_needs))

    def language(match: int) -> str:
        return shown.pairs.languages.between(int(shown.people[match]), int(shown.rows[match]))[0]

    said.tell(needed & facts.access_known, _fact(owed["access"]), "access", shown.people, needs_met)
    said.tell_each(spoken & (owed["language"] > WORTH_SAYING), owed["language"], "language", language)
    _say_cost(said, shown, owed["affordability"])
    said.say(facts.place == FREE, _fact(owed["place"]), "place")


def _say_cost(said: Said, shown: Shown, owed: NDArray[np.float64]) -> None:
    columns = shown.directory.columns

    def price(row: int) -> str:
        return f"{columns.currency[row]} {columns.cost[row]:.2f}"

    cost = shown.facts.cost
    limited = ~np.isnan(shown.block.max_cost[shown.people])
    said.say(cost == 0, _fact(owed), "free")
    said.tell((cost > 0) & limited, _fact(owed), "within_budget", shown.rows, price)
    said.tell((cost > 0) & ~limited & (owed > WORTH_SAYING), owed, "cost", shown.rows, price)


def _say_company(said: Said, shown: Shown, owed: Owed) -> None:
    facts = shown.facts
    small = owed["smallness"] + owed["lonely_smallness"]
    said.tell((facts.newcomers > 0) & (owed["newcomers"] > WORTH_SAYING), owed["newcomers"], "newcomers", facts.newcomers)
    said.tell((facts.size > 0) & (small > WORTH_SAYING), small, "small", facts.size)
    checked = (owed["freshness"] > WORTH_SAYING) & (facts.assured <= shown.today.toordinal())
    said.tell(checked, owed["freshness"], "checked", facts.assured, lambda day: date.fromordinal(int(day)).isoformat())


def _say_guess(said: Said, shown: Shown, owed: Owed) -> None:
    """Before what speaks for a match: where no wish, no text and no group that the person has been to does, only its being near, free or small."""
    values, pairs = shown.features.values, shown.pairs
    close = (values["text"] >= CLOSE) | (values["taste"] >= CLOSE)
    shared = (shown.at(pairs.tags.count) > 0) | (shown.at(pairs.words.count) > 0)
    learned = np.sum([owed[name] for name in OF_TASTE if name in owed], axis=0) > WORTH_SAYING
    said.say(~close & ~shared & ~learned, np.inf, "a_guess")


def _say_cautions(said: Said, shown: Shown) -> None:
    facts, pairs, people = shown.facts, shown.pairs, shown.people
    limit = shown.block.homes.limit[people]
    travels = np.array([seeker.needs.travel is not None for seeker in shown.block.people], np.bool_)[people]
    widened = shown.verdict.widened[people] & facts.in_person & ~(shown.km <= limit)
    said.tell(widened, -1, "widened", shown.verdict.limit[people])
    unknown_age = np.isnan(shown.block.age[people]) & ~(np.isnan(facts.minimum_age) & np.isnan(facts.maximum_age))
    unknown_gender = (pairs.genders.stated[people] == 0) & pairs.genders.told[shown.rows]
    cautions: dict[ReasonCode, Flags] = {
        "waiting_list": facts.place == WAITING,
        "no_access_information": (pairs.access.stated[people] > 0) & ~facts.access_known,
        "no_times": shown.block.has_windows[people] & (shown.directory.sessions.count[shown.rows] == 0),
        "no_distance": travels & facts.in_person & np.isnan(shown.km),
        "no_cost": ~np.isnan(shown.block.max_cost[people]) & np.isnan(facts.cost),
        "conditions": unknown_age | unknown_gender,
        "no_language": (pairs.languages.stated[people] > 0) & ~pairs.languages.told[shown.rows],
        "no_place_information": facts.place == UNKNOWN,
    }
    said.tell(facts.every_weeks > 1, -1, "not_weekly", facts.every_weeks)
    said.tell(_of_another_situation(shown), -1, "particular", shown.rows, shown.directory.particular)
    for order, (code, where) in enumerate(cautions.items(), start=2):
        said.say(where, -order, code)


def _of_another_situation(shown: Shown) -> Flags:
    """Where the group is for people in one situation of life, and the person does not ask for that one; to ask for peer support asks for none."""
    particular, people = shown.pairs.particular, shown.people
    asked = shown.at(particular.count)
    if ANY_SITUATION in particular.codes:
        code = particular.codes.index(ANY_SITUATION)
        wants = np.array([code in wanted for wanted in particular.wanted], np.bool_)
        asked = asked - (wants[people] & particular.carried[code][shown.rows])
    return np.asarray(particular.told[shown.rows] & (asked == 0))
