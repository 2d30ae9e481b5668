"""What reads texts and finds places, built once for a command or a server."""

from collections.abc import Callable
from functools import cache

from models.geography import Place, locate
from models.text.encoder import Encoder
from models.text.errors import EncoderDamaged, EncoderNotBuilt
from services.chassis.errors import UserError
from services.chassis.running import Running
from services.cli.installation import Installation, settings_for
from services.intake.preparing import Preparer


@cache
def encoder() -> Encoder:
    """The sentence encoder; it remembers no text, because some are what people said.

    Raises:
        UserError: it was never built, or its files are damaged; the message says how to mend it.
    """
    try:
        return Encoder.load(settings_for().encoder, remembered=0)
    except (EncoderNotBuilt, EncoderDamaged) as error:
        raise UserError(str(error)) from error


def locator() -> Callable[[str], Place | None]:
    """What finds a place by its postcode: offline where it can be, else by the geocoder of the settings, where one is named.

    Raises:
        UserError: the settings name no geocoder that there is.
    """
    settings = settings_for()
    if settings.geocoder is None:
        return locate
    from geopy.exc import ConfigurationError, GeocoderNotFound

    from models.geography.geocoder import build_geocoder

    try:
        geocoder = build_geocoder(settings.geocoder, settings.geocoder_options)
    except (GeocoderNotFound, ConfigurationError, TypeError) as error:
        raise UserError(f"TOGETHER_GEOCODER {settings.geocoder!r} cannot be used: {error}") from error
    return lambda postcode: locate(postcode) or geocoder.find(postcode)


def preparer(running: Installation[Running]) -> Preparer:
    """What makes commands of referrals."""
    return Preparer(encoder(), locator(), running.services.clocks.domain)
