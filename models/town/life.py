"""How the people of Aldersby live with a referral: who comes, who comes back, who answers, what organisers and link workers do.

The shares are ours, set so that at every step some are lost, as in the field; none of them is known to the matcher. Each decision is drawn
for itself, out of the seed and of whom and what it is about, so that it depends neither on what else happens nor on when it is asked.
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Final, Literal

from models.town.draws import Draws
from models.town.voices import red_flags
from models.town.written import read

Choice = Literal["first", "second", "third", "decline"]
"""Which of the proposed groups link worker and person agree on, or none of them."""

OrganiserSays = Literal["yes", "not_suitable", "full", "nothing"]
Answer = Literal["came", "did_not_come", "unclear", "stop", "help", "red_flag"]

_SUBJECT: Final = 3
_CHOICES: Final[dict[Choice, float]] = {"first": 66, "second": 16, "third": 8, "decline": 10}
_WHY_DECLINED: Final = ("not_their_thing", "time", "too_far", "not_ready")
_ORGANISER_SAYS: Final[dict[OrganiserSays, float]] = {"yes": 84, "not_suitable": 3, "full": 2, "nothing": 11}
_OTHER_ANSWERS: Final[dict[Answer, float]] = {"red_flag": 0.004, "stop": 0.015, "help": 0.02, "unclear": 0.05}
_ANSWERS_AT_LEAST, _ANSWERS_AT_MOST = 0.45, 0.95
_COMES_FIRST: Final = 0.62
"""What is added to half of the estimated chance of a second visit: who is likely to come back is likely to come at all."""


@dataclass(frozen=True, slots=True)
class Life:
    """The life of one town; `seed` is the town's own."""

    seed: int

    def choice(self, case: str, version: int) -> Choice:
        """What is agreed when the groups are talked through, at the decision of this number."""
        return self._draws("choice", case, str(version)).weighted(_CHOICES)

    def why_declined(self, case: str, version: int) -> str:
        """Why none of them was wanted."""
        return self._draws("why", case, str(version)).one_of(_WHY_DECLINED)

    def talks_after(self, case: str, version: int) -> int:
        """After how many days the link worker reaches the person to talk it through."""
        return self._draws("talks", case, str(version)).below(6)

    def takes_back(self, case: str) -> bool:
        """Whether the clinic takes the referral back before anything is agreed."""
        return self._draws("takes back", case).chance(0.015)

    def organiser_says(self, place: str) -> OrganiserSays:
        """What the organiser answers when asked for a place."""
        return self._draws("organiser", place).weighted(_ORGANISER_SAYS)

    def organiser_tells(self, place: str, on: str) -> bool:
        """Whether the organiser says afterwards who came on that date."""
        return self._draws("tells", place, on).chance(0.72)

    def sees_to(self, task: str) -> bool:
        """Whether a link worker sees to that task before it is overdue."""
        return self._draws("sees to", task).chance(0.9)

    def comes(self, person: str, group_id: str, visit: int, likely: float) -> bool:
        """Whether the person comes to that visit (from 1); `likely` is the estimated chance of a second one, 0 to 1."""
        draws = self._draws("comes", person, group_id, str(visit))
        hidden = 0.6 + 0.8 * self._draws("warms to", person, group_id).number()
        return draws.chance(min(0.97, _COMES_FIRST + likely / 2 if visit == 1 else (0.35 + likely) * hidden))

    def answer(self, person: str, touch: str, *, came: bool) -> Answer | None:
        """What the person answers to a question, None for silence; quiet people are quiet every time."""
        draws = self._draws("answer", person, touch)
        plainly: Answer = "came" if came else "did_not_come"
        answer = draws.weighted({**_OTHER_ANSWERS, plainly: 1 - sum(_OTHER_ANSWERS.values())})
        talkative = _ANSWERS_AT_LEAST + (_ANSWERS_AT_MOST - _ANSWERS_AT_LEAST) * self._draws("talkative", person).number()
        return answer if answer != plainly or draws.chance(talkative) else None

    def words(self, answer: Answer, touch: str) -> str:
        """The answer as it is written."""
        draws = self._draws("words", touch)
        return draws.one_of(red_flags()).text if answer == "red_flag" else draws.one_of(_written()[answer])

    def feels(self, person: str, before: tuple[int, int, int] | None) -> tuple[int, int, int, int]:
        """The four answers of week 6, each item of UCLA-3 as before or one better, and the direct question."""
        draws = self._draws("feels", person)
        items = [max(1, item - int(draws.chance(0.45))) for item in before or (2, 2, 2)]
        return items[0], items[1], items[2], min(5, 2 + draws.below(4))

    def _draws(self, *about: str) -> Draws:
        digest = sha256("\x1f".join(about).encode()).digest()
        return Draws(self.seed, _SUBJECT, int.from_bytes(digest[:8], "big"))


@cache
def _written() -> dict[str, list[str]]:
    return read("replies.toml")
