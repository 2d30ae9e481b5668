"""The data folder of the embedded run: where each file is, who holds the folder, and the secrets made at its first start.

`keys/` is the key store. It is apart from the data: a backup of the folder without it can be read by nobody.
"""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from services.chassis.errors import UserError

_OWNER_ONLY = 0o600


def database_file(folder: Path) -> Path:
    """The log and every service's tables."""
    return folder / "together.sqlite3"


def keys_file(folder: Path) -> Path:
    """The key store."""
    return folder / "keys" / "keys.sqlite3"


class DataFolder:
    """One embedded installation on disk."""

    def __init__(self, path: Path, key_file: Path | None = None) -> None:
        self.path = path
        self.database, self.keys = database_file(path), keys_file(path)
        self._key_file = key_file or path / "keys" / "key-encryption-key"
        self.logs = path / "together.log"
        self.views = path / "views"
        self._lock_file = path / "lock"
        self._moving, self._moved = path / "moving", path / "moved"
        self._refuse_without_keys()
        try:
            self.keys.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise UserError(f"the data folder {path} cannot be made: {error.strerror}") from error

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the folder while the block runs; False where another process holds it: that one pumps the handlers."""
        descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(descriptor)

    @property
    def is_being_moved(self) -> bool:
        """Whether a move came as far as its last step, and nobody knows whether that was done."""
        return self._moving.exists() and not self._moved.exists()

    def refuse_if_moved(self, *, unless_cut_short: bool = False) -> None:
        """Two installations of the same people would write to each of them twice.

        Raises:
            UserError: what was in the folder lives on Kafka and PostgreSQL by now, or may do so because a move was cut short at its end.
        """
        if self._moved.exists():
            raise UserError(f"{self.path} was moved to Kafka and PostgreSQL: what it holds is not to be run any more")
        if self._moving.exists() and not unless_cut_short:
            raise UserError(f"a move of {self.path} to Kafka and PostgreSQL was cut short: ask for it once more, and it is ended")

    def mark_moving(self) -> None:
        """From now on what is in the folder may live elsewhere; on the disk when this returns."""
        self._mark(self._moving)

    def mark_moved(self) -> None:
        """What is in the folder lives elsewhere from now on."""
        self._mark(self._moved)

    def mark_not_moving(self) -> None:
        """Nothing of the folder has come to live elsewhere."""
        self._moving.unlink(missing_ok=True)

    def _mark(self, file: Path) -> None:
        file.touch(mode=_OWNER_ONLY)
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _refuse_without_keys(self) -> None:
        """Data whose keys are gone is not given new ones: what was sealed could never be read again, and who was known would be taken for new."""
        missing = [file for file in (self.keys, self._key_file) if not file.exists()]
        if missing and self.database.exists():
            raise UserError(f"{missing[0]} is missing, and without it nothing in {self.path} can be read: restore it from its own backup")

    def key_encryption_key(self, *, make: bool = True) -> bytes:
        """The 32 bytes that wrap every key; made at the first start, unless the setting names a file kept elsewhere, or it is not to be made.

        Raises:
            UserError: the file is none of ours, or is missing and not to be made.
        """
        if not make and not self._key_file.exists():
            raise UserError(f"{self._key_file} is missing: put the key-encryption key there, or name its file by TOGETHER_KEY_FILE")
        try:
            key = bytes.fromhex(_secret(self._key_file, lambda: secrets.token_hex(32)))
        except ValueError as error:
            raise UserError(f"{self._key_file}: expected 64 hexadecimal digits") from error
        if len(key) != 32:
            raise UserError(f"{self._key_file}: expected 64 hexadecimal digits, found {len(key) * 2}")
        return key

    def api_token(self) -> str:
        """The bearer token of this folder, in a file that only its owner can read."""
        return _secret(self.path / "api-token", lambda: secrets.token_urlsafe(32))


def _secret(file: Path, make: Callable[[], str]) -> str:
    if not file.exists():
        beside = file.with_name(f"{file.name}.{os.getpid()}")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(descriptor, "w") as opened:
            opened.write(make() + "\n")
            opened.flush()
            os.fsync(opened.fileno())
        with suppress(FileExistsError):  # another process was first: its secret stands
            os.link(beside, file)
        beside.unlink()
    return file.read_text().strip()
