"""What `together doctor` found about one thing."""

from dataclasses import dataclass
from typing import Final

LEARNING_INSTALLED_BY: Final = "in a checkout `.tools/bin/uv sync --frozen --inexact --no-default-groups --extra learning` installs it"


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `mend` says what to do where it is not well. What is not `needed` may be done without."""

    what: str
    well: bool
    said: str
    mend: str = ""
    needed: bool = True
