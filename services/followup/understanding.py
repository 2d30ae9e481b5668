"""What a reply means, where that is certain."""

from dataclasses import dataclass

from schemas.events.follow_ups import Meaning, Step
from schemas.referral import Loneliness


@dataclass(frozen=True, slots=True)
class Understood:
    """What a reply means; the codes of the red flags in it, the gravest kind not first but as they stand; and the answers where it measured."""

    meaning: Meaning
    flags: tuple[str, ...] = ()
    loneliness: Loneliness | None = None


def understand(text: str, asked: Step | None) -> Understood:
    """What `text` means as an answer to the newest question sent, or to none."""
    raise NotImplementedError(text, asked)
