"""What reads texts and finds places, built once for a command or a server."""

from functools import cache

from models.geography import locate

from models.text.encoder import Encoder
from services.cli.installation import Installation
from services.intake.preparing import Preparer


@cache
def encoder() -> Encoder:
    """The sentence encoder; loading it takes a few hundredths of a second."""
    from services.chassis.settings import ChassisSettings

    return Encoder.load(ChassisSettings().encoder)


def preparer(running: Installation) -> Preparer:
    """What makes commands of referrals."""
    return Preparer(encoder(), locate, running.embedded.clocks.domain)
