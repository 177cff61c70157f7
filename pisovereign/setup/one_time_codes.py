"""The one-time code: short enough to type, good for one session, and for few tries."""

from __future__ import annotations

import hmac
import math
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from pisovereign.errors import RateLimited
from pisovereign.files import private_folder, replace_private

# Without what looks alike: 31 letters and digits, so that eight of them are 2^39 codes.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 8
TRIES = 5
PAUSE_S = 60.0


class Codes:
    """Makes codes, and compares what is typed with the present one.

    Args:
        path: Where the console finds it.
        clock: Seconds that never go back.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._code = ""
        self._wrong = 0
        self._not_before = -math.inf
        private_folder(path.parent)
        self.renew()

    def renew(self) -> None:
        """Make another one; the old one is worth nothing from now on."""
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        replace_private(self._path, f"{code[:4]}-{code[4:]}\n".encode())
        self._code, self._wrong = code, 0

    def take(self, typed: str) -> bool:
        """Whether it is the code, which is used up then.

        Raises:
            RateLimited: there were too many wrong ones; the code is another one now.
        """
        rest = self._not_before - self._clock()
        if rest > 0:
            raise RateLimited(max(1, math.ceil(rest)))
        plain = "".join(letter for letter in typed.upper() if letter.isalnum())
        if hmac.compare_digest(plain.encode(), self._code.encode()):
            self.renew()
            return True
        self._wrong += 1
        if self._wrong >= TRIES:
            self.renew()
            self._not_before = self._clock() + PAUSE_S
        return False

    def forget(self) -> None:
        """Set-up is done: no code is good."""
        self._code = secrets.token_hex(LENGTH)  # of a length that nobody is shown
        self._path.unlink(missing_ok=True)
