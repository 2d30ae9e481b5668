"""`together`: the command line. The only place that knows every service; each command imports what it needs, so that `--help` is instant."""
