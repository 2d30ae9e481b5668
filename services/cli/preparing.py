"""What reads texts and finds places, built once for a command or a server."""

from functools import cache

from models.geography import locate
from models.text.encoder import Encoder
from models.text.errors import EncoderDamaged, EncoderNotBuilt
from services.chassis.errors import UserError
from services.cli.installation import Installation
from services.intake.preparing import Preparer


@cache
def encoder() -> Encoder:
    """The sentence encoder; it remembers no text, because some are what people said.

    Raises:
        UserError: it was never built, or its files are damaged; the message says how to mend it.
    """
    from services.chassis.settings import ChassisSettings

    try:
        return Encoder.load(ChassisSettings().encoder, remembered=0)
    except (EncoderNotBuilt, EncoderDamaged) as error:
        raise UserError(str(error)) from error


def preparer(running: Installation) -> Preparer:
    """What makes commands of referrals."""
    return Preparer(encoder(), locate, running.embedded.clocks.domain)
