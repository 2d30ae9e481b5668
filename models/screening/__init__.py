"""What must stop automation: red flags that a text gives cause for.

When in doubt a human reads it. So a denial ("not suicidal"), another person's story and an old one raise a flag too, and text in a script that
this cannot read, or beyond the length that it reads, raises `other`. A flag says where, never what: the words stay in the sealed text.
This reads words, not meaning; it is a net under people's attention and never instead of it.
"""

from models.screening.flags import Flag, screen
from models.screening.lexicon import RedFlagCode

__all__ = ["Flag", "RedFlagCode", "screen"]
