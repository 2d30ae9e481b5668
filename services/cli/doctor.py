"""`together doctor`: what is set up, what is missing, and how to mend it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from services.cli.finding import LEARNING_INSTALLED_BY, Finding
from services.cli.options import Data

if TYPE_CHECKING:
    from services.chassis.settings import ChassisSettings

ROOM_NEEDED = 500_000_000  # bytes
_PRIOR_SERVES = "the prior serves"


def doctor(data: Data = None) -> None:
    """Look at what this installation needs, Kafka and PostgreSQL too where they are set, and say how to mend what is missing.

    Example: together doctor --data /srv/together
    """
    from services.cli.installation import settings_for

    settings = settings_for(data)
    findings = [_look_at_encoder(settings.encoder)]
    if settings.distributed:
        from services.cli.doctor_distributed import look_at_services

        findings += look_at_services(settings)
    else:
        findings = [*_look_at_folder(settings.data, settings.key_file), *findings, _look_at_learning(settings.models_folder)]
    if not _tell(findings) or not _tell([_look_at_model(settings)]):
        raise typer.Exit(1)


def _tell(findings: Sequence[Finding]) -> bool:
    """Print what was found; whether all that is needed is well."""
    for finding in findings:
        print(f"{'ok     ' if finding.well else 'MISSING' if finding.needed else 'without'}  {finding.what}: {finding.said}")
        if not finding.well:
            print(f"         {finding.mend}")
    return all(finding.well or not finding.needed for finding in findings)


def _look_at_model(settings: "ChassisSettings") -> Finding:
    """Whether the model that is to serve can be read from here, as every copy of the matcher reads it. No table is brought to another version.

    Raises:
        UserError: the services cannot be opened.
        Transient: Kafka or PostgreSQL does not answer.
    """
    from models.ranker import ModelUnreadable
    from models.registry import Registry
    from services.cli.installation import installation
    from services.cli.installed_models import promoted_last

    folder = settings.models_folder
    if not settings.distributed and (standing := _without_a_look(settings)):
        return Finding("model", True, standing)
    with installation(settings.data) as running:
        promoted = promoted_last(running)
    if promoted is None or promoted.snapshot is None:
        return Finding("model", True, _PRIOR_SERVES)
    if settings.distributed and not folder.exists():
        return Finding("model", True, f"{promoted.model} is to serve; {folder} is not here, so ask each matcher's /health/ready whether it does")
    try:
        Registry(folder).checked(promoted.snapshot, promoted.sha256 or "")
    except ModelUnreadable as fault:
        mend = f"bring {folder} back from its backup, or have the model before serve: `together model rollback`"
        return Finding("model", False, str(fault).splitlines()[0], mend)
    return Finding("model", True, f"{promoted.model} serves")


def _without_a_look(settings: "ChassisSettings") -> str | None:
    """What is said of the model of a data folder that is not opened, because that would make its tables or bring them to this version."""
    from services.chassis.folder import DataFolder, database_file
    from services.cli.database import standings_in_folder

    if not database_file(settings.data).exists():
        return _PRIOR_SERVES
    DataFolder(settings.data, settings.key_file).refuse_if_moved()
    if any(one.behind for one in standings_in_folder(settings)):
        return "not looked at, because the tables are of another version; `together database status` shows them"
    return None


def _look_at_folder(folder: Path, key_file: Path | None) -> Iterator[Finding]:
    import os
    import shutil

    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    yield Finding("data folder", os.access(existing, os.W_OK), str(folder), f"make {existing} writable for this user, or name another with --data")
    free = shutil.disk_usage(existing).free
    yield Finding("room on the disk", free > ROOM_NEEDED, f"{free // 1_000_000} MB free", "free at least 500 MB")
    key = key_file or folder / "keys" / "key-encryption-key"
    if not (folder / "together.sqlite3").exists():
        yield Finding("keys", True, "made at the first start")
    else:
        closed = key.exists() and key.stat().st_mode & 0o077 == 0
        yield Finding("keys", closed, str(key), "restore the file from its own backup, and let only its owner read it: chmod 600")


def _look_at_encoder(folder: Path | None) -> Finding:
    from models.text.encoder import Encoder
    from models.text.errors import EncoderDamaged, EncoderNotBuilt

    mend = "run `make run` in the checkout, or `python -m models.text.build` where the weights' package is installed"
    try:
        return Finding("sentence encoder", True, f"loaded, {Encoder.load(folder).hash}")
    except (EncoderNotBuilt, EncoderDamaged) as error:
        return Finding("sentence encoder", False, str(error).splitlines()[0], mend)


def _look_at_learning(folder: Path) -> Finding:
    import os

    from services.learning.app import can_learn
    from services.learning.domain import LEARNING_BROUGHT_BY

    if not can_learn():
        mend = f"{LEARNING_BROUGHT_BY}; {LEARNING_INSTALLED_BY}"
        return Finding("learning", False, "scikit-learn is not installed, so nothing is learned", mend, needed=False)
    writable = not folder.exists() or os.access(folder, os.W_OK)
    return Finding("learning", writable, f"at night, into {folder}", f"make {folder} writable for this user, or name another as TOGETHER_MODELS")
