"""`together reply`: what a person answered, as if it had come by message."""

from typing import Annotated

import typer

from services.cli.options import Data


def reply(
    person_id: Annotated[str, typer.Argument(help="The person_id the clinic uses, where it names one person, or our own id", metavar="PERSON_ID")],
    text: Annotated[str, typer.Argument(help="What they wrote", metavar="TEXT")],
    data: Data = None,
) -> None:
    """Take a person's answer, and print what it was understood to mean. A STOP given here is for every channel.

    Example: together reply P-104 "Yes, I came and it was lovely"
    """
    from functools import partial

    from services.chassis.errors import Rejected, UserError
    from services.cli.installation import installation
    from services.cli.output import print_json
    from services.followup.domain.commands import LONGEST_REPLY, reply_command
    from services.followup.handlers.replies import meaning_of

    words = text.strip()
    if not words:
        raise UserError("the text is empty")
    if len(words) > LONGEST_REPLY:
        raise UserError(f"the text is longer than {LONGEST_REPLY} characters")
    with installation(data) as running:
        command = reply_command(person_id, words, running.services.clocks.domain.now())
        [answer] = running.decide("followup", [command])
        if isinstance(answer, Rejected):
            raise answer
        running.finish()
        print_json({"meaning": meaning_of(command, answer, partial(running.services.reading, "followup"))})
