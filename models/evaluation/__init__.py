"""Judges a ranker on attendance: where the groups that people went to stand in its rankings, for whom it does well, and what its numbers mean."""
