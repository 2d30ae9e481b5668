"""Messages as files in a folder: the way out where no other is set.

One file for one touch, ever: written beside, fsynced, renamed, the folder fsynced. So a file that has its name is whole, and a repeat finds it
and leaves it as it is.
"""

import os
from contextlib import suppress
from email.headerregistry import Address
from pathlib import Path

from services.chassis.clock import Clock
from services.followup.gateways.letter import checked, letter
from services.followup.messages import Delivery, Message

_OWNER_ONLY, _OWNERS_FOLDER = 0o600, 0o700


class LocalOutbox:
    """`folder`/<touch id>.eml for e-mail and for text messages alike."""

    repeatable = True

    def __init__(self, folder: Path, clock: Clock, sender: Address) -> None:
        self._folder, self._clock, self._sender = folder, clock, sender

    def send(self, message: Message) -> Delivery:
        """Write the message's file, durably; one that is there already stays as it is."""
        file = self._file(message.touch_id)
        mail = letter(message, self._sender, self._clock.now())
        if mail is None:
            return "refused"
        try:
            if not file.exists():
                self._write(file, mail.as_bytes())
            self._sync_folder()
        except OSError:
            return "unknown" if file.exists() else "unreachable"
        return "sent"

    def was_sent(self, touch_id: str) -> bool:
        """Whether the touch's file is there."""
        return self._file(touch_id).exists()

    def forget(self, touch_id: str) -> None:
        """Delete the touch's file, and what was left of writing it; nothing where there is neither."""
        file = self._file(touch_id)
        for gone in (file, _beside(file)):
            gone.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            self._sync_folder()

    def _file(self, touch_id: str) -> Path:
        return self._folder / f"{checked(touch_id)}.eml"

    def _write(self, file: Path, content: bytes) -> None:
        self._folder.mkdir(mode=_OWNERS_FOLDER, parents=True, exist_ok=True)
        beside = _beside(file)
        with suppress(FileNotFoundError):  # what was left of a write that ended early
            beside.unlink()
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(file)

    def _sync_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _beside(file: Path) -> Path:
    return file.with_name(f".{file.name}.part")
