"""What reads texts and finds places, built once for a command or a server."""

from functools import cache

from models.geography import locate
from models.text.encoder import Encoder
from services.cli.installation import Installation
from services.intake.preparing import Preparer


@cache
def encoder() -> Encoder:
    """The sentence encoder; it remembers no text, because some are what people said."""
    from services.chassis.settings import ChassisSettings

    return Encoder.load(ChassisSettings().encoder, remembered=0)


def preparer(running: Installation) -> Preparer:
    """What makes commands of referrals."""
    return Preparer(encoder(), locate, running.embedded.clocks.domain)
