"""The facts that services exchange: one class an event, in the past tense, grouped by the stream that carries them.

The wire form is CloudEvents 1.0. A part that is personal travels sealed under one of the person's keys, a group's contact under the group's.
`ALL` is every event by its name; nothing outside it is ever written.
"""

from schemas.events import cases, follow_ups, groups, matches, models, outcomes, places, referrals
from schemas.events.base import Data

ALL: dict[str, type[Data]] = {
    event.__name__: event
    for module in (referrals, groups, matches, places, follow_ups, outcomes, cases, models)
    for event in vars(module).values()
    if isinstance(event, type) and issubclass(event, Data) and event.__module__ == module.__name__ and "stream" in vars(event)
}
