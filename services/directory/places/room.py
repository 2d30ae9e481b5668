"""How much room a group has: its capacity as it was last said, and what is left of that.

Free is the maximum less the places held, and never above the `available` of the last snapshot less what was held since; a release gives a
slot back. An organiser who says that the group takes nobody shuts it until a new snapshot.
"""

from dataclasses import dataclass, replace
from typing import Literal, Self

from schemas.events.places import CapacitySet
from schemas.group import Capacity

Shut = Literal["full", "not_running"]
"""Why a group takes nobody now, in its organiser's words."""


@dataclass(frozen=True, slots=True)
class Room:
    """A capacity as it was said (maximum None: not known, so without limit), its revision, what is left of `available`, and why it is shut."""

    maximum: int | None = None
    available: int | None = None
    waitlist: bool = False
    revision: int = 0
    left: int | None = None
    shut: Shut | None = None

    @classmethod
    def of(cls, capacity: Capacity | None) -> Self:
        """The room of a capacity that nobody has taken anything of."""
        return cls(capacity.maximum, capacity.available, capacity.waitlist, left=capacity.available) if capacity else cls()

    def after(self, said: CapacitySet) -> "Room":
        """The room after this was said: the same again, without a newer revision, is no new snapshot."""
        if said.revision <= self.revision and (said.maximum, said.available, said.waitlist) == (self.maximum, self.available, self.waitlist):
            return self
        return Room(said.maximum, said.available, said.waitlist, max(said.revision, self.revision), said.available)

    def free(self, held: int) -> int | None:
        """How many more the group takes while it holds so many; None is without limit."""
        if self.shut:
            return 0
        if self.maximum is None:
            return self.left
        free = max(0, self.maximum - held)
        return free if self.left is None else min(free, self.left)

    def less_one(self) -> "Room":
        """The room after a place was held."""
        return self if self.left is None else replace(self, left=max(0, self.left - 1))

    def one_more(self) -> "Room":
        """The room after a held place was given back."""
        return self if self.left is None else replace(self, left=self.left + 1)
