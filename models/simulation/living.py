"""A town's weeks under one policy: people come, are proposed groups, agree on one or none, wait, come, come again, or find a closed door.

What a person would do at a group is drawn by person and group alone, so two policies differ by what they propose and by the places that
are left, and by no other chance.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.exploration import Exploration
from models.simulation.places import Places
from models.simulation.policies import SHOWN, Now, Policy, Slate
from models.simulation.town import LASTS, Town

End = Literal["nothing_proposed", "declined", "no_place", "waiting", "gave_up_waiting", "never_came", "came_once", "came_twice"]


SMALLEST: Final = 1e-300
"""Stands for a draw of 0, whose logarithm is not finite."""


@dataclass(frozen=True)
class Story:
    """What became of one person: the groups ranked, of them those shown with the propensity of each, the one agreed on (its row), and its end.

    `placed_in` is the week in which they had the place; `sessions` 0, 1, or 2 for two or more.
    """

    person: int
    week: int
    ranked: Slate
    shown: Slate
    propensity: tuple[float, ...]
    agreed: int | None = None
    placed_in: int | None = None
    end: End = "declined"

    @property
    def sessions(self) -> int:
        """Sessions attended, two standing for more."""
        return {"came_once": 1, "came_twice": 2}.get(self.end, 0)


@dataclass
class _Life:
    town: Town
    places: Places
    joined: NDArray[np.int64]
    delisted: set[str]
    stories: dict[int, Story]


def live(town: Town, policy: Policy, exploration: Exploration = Exploration(shown=SHOWN)) -> list[Story]:  # noqa: B008, it is frozen
    """The story of every person of the town, in the order of their numbers; what they are shown of the ranking is left to `exploration`."""
    life = _Life(town, Places(town), np.zeros(len(town.groups), np.int64), set(), {})
    for week in range(town.size.weeks + LASTS):
        for row, (person, since) in life.places.moved_up(week):
            _move_up(life, person, row, week, since)
        if week < town.size.weeks and town.arrivals[week]:
            _propose(life, policy, week, exploration)
    return [life.stories[person] for person in range(len(town.newcomers))]


def _propose(life: _Life, policy: Policy, week: int, exploration: Exploration) -> None:
    known = life.town.directory.changed((), sorted(life.delisted)) if life.delisted else life.town.directory
    now = Now(life.town, week, known.with_places(life.places.states()), life.joined.copy(), life.places.given.copy(), life.places.known_free())
    people = life.town.arrivals[week]
    for person, ranked in zip(people, policy(people, now, exploration.ranked), strict=True):
        option = exploration.chosen(len(ranked), life.town.explores(person))
        shown, propensity = tuple(ranked[place] for place in option.places), exploration.propensities(len(ranked), option.places)
        story = Story(person, week, ranked, shown, propensity, end="declined" if shown else "nothing_proposed")
        life.stories[person] = _agree(life, story)


def _agree(life: _Life, story: Story) -> Story:
    """The person takes to one of the groups that still have a place, or to none."""
    open_still = [place for place, row in enumerate(story.shown) if life.places.takes(row)]
    if not open_still:
        return replace(story, end="no_place") if story.shown else story
    value = {place: _liking(life.town, story.person, story.shown[place], place) for place in open_still}
    best = max(value, key=lambda place: (value[place], -place))
    if value[best] <= _gumbel(life.town.truth.chance.neither[story.person]):
        return story
    row = story.shown[best]
    if not life.places.ask(row, story.person, story.week):
        return replace(story, agreed=row, end="waiting")
    return _go(life, replace(story, agreed=row), row, story.week)


def _liking(town: Town, person: int, row: int, place: int) -> float:
    """What a person makes of a group that is named at this place from 0, with chance (Gumbel: so choices are a multinomial logit)."""
    return town.appeal(person, row, place) + _gumbel(town.truth.chance.takes_to[person, row])


def _gumbel(drawn: float) -> float:
    return float(-np.log(-np.log(max(drawn, SMALLEST))))


def _move_up(life: _Life, person: int, row: int, week: int, since: int) -> None:
    story = life.stories[person]
    if life.town.truth.chance.waits[person, row] < life.town.numbers.still_wants ** (week - since):
        life.stories[person] = _go(life, story, row, week)
    else:
        life.stories[person] = replace(story, end="gave_up_waiting")
        life.places.free[row] += 1


def _go(life: _Life, story: Story, row: int, week: int) -> Story:
    """The person has a place, and comes to the next two sessions or does not."""
    truth, chance, person = life.town.truth, life.town.truth.chance, story.person
    life.joined[row] += 1
    life.places.given[row] += 1
    goes = chance.comes[person, row] < truth.comes[person, row]
    meets = truth.ends[row] > week
    if goes and not meets and chance.tells[person, row] < life.town.numbers.told_ended:
        life.delisted.add(life.town.groups[row].group_id)
    comes = goes and meets
    again = comes and chance.back[person, row] < truth.back[person, row]
    done = replace(story, placed_in=week, end="came_twice" if again else "came_once" if comes else "never_came")
    life.places.given_back(row, week, done.sessions)
    return done
