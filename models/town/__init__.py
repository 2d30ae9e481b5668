"""Aldersby, an invented English town: its directory of groups and the people its clinics refer, for trials, tests and benchmarks.

Everything is written for it and nobody in it is real. A seed decides everything that is not written down; the same seed gives the same
town on any machine.
"""

from models.town.groups import town_groups
from models.town.people import town_referrals

__all__ = ["town_groups", "town_referrals"]
