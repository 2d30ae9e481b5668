"""Learns a ranker from attendance. Only `fitting` and `calibration` need scikit-learn, and nothing that serves imports them."""
