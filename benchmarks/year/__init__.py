"""A year of the sample town with everything going wrong that can: what was promised is held against the log, message by message."""
