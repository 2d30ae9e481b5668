"""`together person`: a person's rights to see what is held about them, and to have it erased."""

from typing import Annotated

import typer

from services.cli.options import Data

app = typer.Typer(help="A person's rights.\n\nExample: together person export P-104", no_args_is_help=True)
PersonId = Annotated[str, typer.Argument(help="The person_id the clinic uses, where it names one person, or our own id", metavar="ID")]


@app.command()
def export(id_: PersonId, data: Data = None) -> None:
    """Print everything that is held about a person, as one JSON object.

    Example: together person export "nhs:999 123 4567" > person.json
    """
    from services.cli.installation import installation
    from services.cli.output import print_json
    from services.cli.personal_record import personal_record

    with installation(data) as running:
        print_json(personal_record(running, id_))


@app.command()
def erase(id_: PersonId, data: Data = None) -> None:
    """Erase a person: their keys are destroyed and every row about them is deleted. This cannot be undone.

    Example: together person erase "nhs:999 123 4567"
    """
    from services.cli.installation import installation
    from services.cli.output import print_json
    from services.cli.personal_record import erase_person

    with installation(data) as running:
        print_json(erase_person(running, id_))
