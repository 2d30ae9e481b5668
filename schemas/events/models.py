"""Facts on `models`: which model serves, compacted by model."""

from schemas.events.base import Data


class ModelPromoted(Data):
    """This model serves from now on; of all promotions the one of the highest `promotion` counts, whatever their order.

    `snapshot` names its folder among the models, and `sha256` is over the files in it; neither is there where it came with the program.
    """

    stream = "models"
    key = "model"

    model: str
    promotion: int
    snapshot: str | None = None
    sha256: str | None = None
    because: str = ""
