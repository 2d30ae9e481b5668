"""What a signed-in browser holds, and how it gets there: a one-time sign-in key, a signed cookie, and few tries at the access key.

All of it runs by the wall clock. Nothing here is kept on disk: a restart forgets the unused sign-in keys and which sessions were signed out.
"""

from base64 import urlsafe_b64encode
from collections import deque
from datetime import timedelta
from hashlib import sha256
from os import urandom

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadData, URLSafeSerializer

from services.chassis.clock import Clock
from services.chassis.ids import Entropy

SIGN_IN_KEY_LIVES = timedelta(minutes=10)
SESSION_LIVES = timedelta(hours=12)
TRIES, TRIES_WITHIN = 10, timedelta(minutes=1)


def session_key(key_encryption_key: bytes, token: str) -> bytes:
    """The 32 bytes that sign a folder's sessions: another folder or another token makes others, so a new token ends every session."""
    info = b"better-together session " + sha256(token.encode()).digest()
    return HKDF(SHA256(), 32, salt=None, info=info).derive(key_encryption_key)


def _random_text(entropy: Entropy) -> str:
    return urlsafe_b64encode(entropy(24)).decode()


class SignInKeys:
    """Keys that each sign one browser in, once, within ten minutes."""

    def __init__(self, wall: Clock, entropy: Entropy = urandom) -> None:
        self._wall, self._entropy = wall, entropy
        self._until: dict[bytes, float] = {}

    def new(self) -> str:
        """A fresh key."""
        now = self._wall.now()
        self._until = {kept: until for kept, until in self._until.items() if until > now.timestamp()}
        key = _random_text(self._entropy)
        self._until[_digest(key)] = (now + SIGN_IN_KEY_LIVES).timestamp()
        return key

    def take(self, key: str) -> bool:
        """Use a key up; False where it is unknown, used or too old. It is found by its hash, so that no time tells how near a guess was."""
        return self._until.pop(_digest(key), 0.0) > self._wall.now().timestamp()


class Sessions:
    """Signed values for a cookie, each good for twelve hours or until it is signed out."""

    def __init__(self, key: bytes, wall: Clock, entropy: Entropy = urandom) -> None:
        self._wall, self._entropy = wall, entropy
        self._signed = URLSafeSerializer(key, salt="session", signer_kwargs={"digest_method": sha256, "key_derivation": "hmac"})
        self._ended: dict[str, float] = {}

    def new(self) -> str:
        """The cookie's value of a new session."""
        return self._signed.dumps([_random_text(self._entropy), (self._wall.now() + SESSION_LIVES).timestamp()])

    def holds(self, value: str) -> bool:
        """Whether a cookie's value is a session of ours that still runs."""
        read = self._read(value)
        return read is not None and read[1] > self._wall.now().timestamp() and read[0] not in self._ended

    def end(self, value: str) -> None:
        """Sign a session out; it stays out wherever its cookie was copied to."""
        now = self._wall.now().timestamp()
        self._ended = {kept: until for kept, until in self._ended.items() if until > now}
        if read := self._read(value):
            self._ended[read[0]] = read[1]

    def _read(self, value: str) -> tuple[str, float] | None:
        try:
            name, until = self._signed.loads(value)
        except BadData:
            return None
        return name, until


class Tries:
    """Counts wrong access keys, whoever sent them: ten within a minute, then nobody is let try until the minute is over."""

    def __init__(self, wall: Clock) -> None:
        self._wall = wall
        self._wrong: deque[float] = deque(maxlen=TRIES)

    def wait(self) -> int:
        """How many seconds until the next try; 0 where one is free."""
        if len(self._wrong) < TRIES:
            return 0
        return max(0, round(self._wrong[0] + TRIES_WITHIN.total_seconds() - self._wall.now().timestamp() + 0.5))

    def count(self) -> None:
        """Note a wrong one."""
        self._wrong.append(self._wall.now().timestamp())


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
