"""The kinds of failure: refused for good, worth another try, or a user's mistake. Anything else is a bug and stops the service."""


class Rejected(Exception):
    """This input can never be accepted; its message says why, without any personal detail."""


class Conflict(Rejected):
    """The same key stands already with other content."""


class NotFound(Rejected):
    """Nothing is known by this id."""


class Ambiguous(Rejected):
    """The id names several; `choices` are their own ids."""

    def __init__(self, message: str, choices: tuple[str, ...]) -> None:
        super().__init__(message)
        self.choices = choices


class Transient(Exception):
    """It may succeed when tried again."""


class Overloaded(Transient):
    """More is waiting than can be taken now."""


class Stopped(Exception):
    """The service has stopped and takes no more work."""


class UserError(Exception):
    """One clear line for the person at the keyboard; never shown with a traceback."""
