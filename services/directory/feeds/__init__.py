"""Reads directories of groups from the outside world into `Group` records, with a report of everything that was mended or left out.

Knows no store, no clock and no events; `read_feed` is the way in.
"""

from services.directory.feeds.reading import FeedUnreadable, Problem, Reading
from services.directory.feeds.source import read_feed

__all__ = ["FeedUnreadable", "Problem", "Reading", "read_feed"]
