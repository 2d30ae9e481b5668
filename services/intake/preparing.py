"""What is made of a referral before the transaction: where the home is, what the text means, what must stop automation.

None of it writes anything, so it may take its time; a referral is read once, and never again on a re-match.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from models.geography import Place
from models.text.encoder import Encoder, Vector, pack, read_all
from models.text.words import hear, wished
from schemas.referral import Referral
from services.chassis.clock import Clock
from services.chassis.ids import random_id
from services.intake.domain import RaisedFlag, Reading, ReceiveReferral
from services.intake.screening import screen_referral

Locate = Callable[[str], Place | None]
"""The place of a postcode, or None where it is not known."""


@dataclass(frozen=True)
class Preparer:
    """Makes a command of a referral that was sent."""

    encoder: Encoder
    locate: Locate
    clock: Clock
    new_id: Callable[[], str] = random_id

    def command(self, referral: Referral, sent: bytes) -> ReceiveReferral:
        """The command that takes this referral in; `sent` is the canonical form of what arrived."""
        [command] = self.commands([(referral, sent)])
        return command

    def commands(self, sent: Sequence[tuple[Referral, bytes]]) -> Iterator[ReceiveReferral]:
        """The same for many, in the order given."""
        read = read_all(self.encoder.encode, [wished(referral.interests) for referral, _ in sent])
        for (referral, form), vector in zip(sent, read, strict=True):
            received_at = referral.received_at or self.clock.now()
            yield ReceiveReferral(referral, form, self._read(referral, vector), received_at, self.new_id(), self.new_id())

    def _read(self, referral: Referral, vector: Vector | None) -> Reading:
        place = self.locate(referral.postcode) if referral.postcode else None
        heard = hear("\n".join([referral.interests, *referral.tags]))
        return Reading(
            home=_home(referral, place),
            area=place.area if place else None,
            vector=None if vector is None else pack(vector),
            encoder=None if vector is None else self.encoder.hash,
            words=heard.wanted,
            refused=heard.refused,
            flags=raised_flags(referral),
        )


def raised_flags(referral: Referral) -> tuple[RaisedFlag, ...]:
    """Every red flag of a referral, one a code; those that the referrer set come first."""
    first = {noticed.code: noticed for noticed in reversed(screen_referral(referral))}
    return tuple(RaisedFlag(noticed.code, noticed.noticed_in) for noticed in reversed(first.values()))


def _home(referral: Referral, place: Place | None) -> tuple[float, float] | None:
    if referral.latitude is not None and referral.longitude is not None:
        return referral.latitude, referral.longitude
    return (place.latitude, place.longitude) if place else None
