"""Facts on `models`: which model serves, compacted by model."""

from schemas.events.base import Data


class ModelPromoted(Data):
    """This snapshot serves from now on."""

    stream = "models"
    key = "model"
    draft = True

    model: str
    snapshot: str
    sha256: str
