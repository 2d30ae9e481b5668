"""For tests that need the real encoder: builds it where it stands if it was never built, in a process of its own."""

import subprocess
import sys
from functools import cache

from models.text.encoder import Encoder


@cache
def built_encoder() -> Encoder:
    """The packaged encoder, one for all tests of a process; an encoder of another recipe is built anew (two seconds)."""
    # A process of its own keeps `onnx` out of this one, where tests assert that nothing imports it.
    subprocess.run([sys.executable, "-m", "models.text.build"], check=True, capture_output=True)
    return Encoder.load()
