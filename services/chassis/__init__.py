"""What every service stands on, written once: the log, transactions, sealing, dead letters, clocks, logs and the web's guard rails.

A service brings only rules: it is woken by facts, by a command or by time, reads its own store, and returns the facts that follow.
"""
