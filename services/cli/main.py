"""`together`: one program for everything. Each command imports what it needs when it runs, so that `--help` is instant."""

import sys

import typer

from services.chassis.errors import Rejected, Transient, UserError
from services.cli import (
    database,
    dead_letters,
    demo,
    doctor,
    groups,
    match,
    model,
    person,
    queue,
    referrals,
    reply,
    service,
    simulate,
    streams,
    unmet,
    up,
)

app = typer.Typer(
    name="together",
    help="From a clinic's referral to a second visit: referrals in, local groups ranked with reasons out.\n\nExample: together demo --once",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
app.command()(demo.demo)
app.command()(up.up)
app.command()(service.service)
app.add_typer(groups.app, name="groups")
app.add_typer(referrals.app, name="referrals")
app.add_typer(queue.app, name="queue")
app.command()(match.match)
app.add_typer(model.app, name="model")
app.command()(simulate.simulate)
app.command()(reply.reply)
app.command()(unmet.unmet)
app.add_typer(person.app, name="person")
app.add_typer(streams.app, name="streams")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(database.app, name="database")
app.command()(doctor.doctor)


def main() -> None:
    """Run the command; a user's error, or a file that cannot be had, prints one clear line and ends with 1, wrong usage with 2."""
    if any(_is_no_text(word) for word in sys.argv[1:]):
        print("together: an argument is not UTF-8 text; rename the file, or give it on standard input", file=sys.stderr)
        sys.exit(2)
    try:
        app()
    except (UserError, Rejected, Transient) as error:
        choices = "".join(f"\n  {choice}" for choice in getattr(error, "choices", ()))
        print(f"together: {error}{choices}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        print(f"together: {f'{error.filename}: ' if error.filename else ''}{error.strerror or error}", file=sys.stderr)
        sys.exit(1)


def _is_no_text(word: str) -> bool:
    """Whether some of its bytes mean no character, so that it could be neither looked up, nor stored, nor printed."""
    return any("\ud800" <= character <= "\udfff" for character in word)
