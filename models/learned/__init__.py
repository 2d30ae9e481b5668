"""The ranker that is learned from attendance, as it serves: plain arrays, no learning library."""
