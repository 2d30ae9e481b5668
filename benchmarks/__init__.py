"""Measurements of speed and of match quality, one program each; results are kept as data."""
