"""Referrals from files and request bodies: every row becomes a validated referral or a list of what is wrong with it, and nothing is fatal.

One path for all senders: the import, `together match` and HTTP read an object, validate it and name its bad fields alike; ids are optional
here, and `required_problems` says what a caller that needs them misses. Problems name file, row and field, and never repeat a value.
"""

from services.intake.reading.files import Format, read_objects, read_referrals
from services.intake.reading.objects import canonical, read_object
from services.intake.reading.pointers import BadField, pointers
from services.intake.reading.rows import Action, Problem, Row, read_referral, required_problems

__all__ = [
    "Action",
    "BadField",
    "Format",
    "Problem",
    "Row",
    "canonical",
    "pointers",
    "read_object",
    "read_objects",
    "read_referral",
    "read_referrals",
    "required_problems",
]
