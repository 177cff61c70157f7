"""The one-time code: short enough to type, valid for one session and for a few attempts."""

from __future__ import annotations

import hmac
import math
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from pisovereign.errors import RateLimited
from pisovereign.files import private_folder, replace_private

# 31 letters and digits without those that look alike: eight of them make 2^39 codes.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 8
ATTEMPTS = 5
PAUSE_S = 60.0


class OneTimeCode:
    """Makes codes, and compares what is typed with the present one.

    Args:
        path: The file in which the console finds the code.
        clock: A monotonic clock, in seconds.
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
        """Make a new code; the old one is no longer valid."""
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        replace_private(self._path, f"{code[:4]}-{code[4:]}\n".encode())
        self._code, self._wrong = code, 0

    def redeem(self, typed: str) -> bool:
        """Return whether `typed` is the code; a correct code is used up.

        Raises:
            RateLimited: There were too many wrong codes; the code has been replaced.
        """
        rest = self._not_before - self._clock()
        if rest > 0:
            raise RateLimited(max(1, math.ceil(rest)))
        plain = "".join(letter for letter in typed.upper() if letter.isalnum())
        if hmac.compare_digest(plain.encode(), self._code.encode()):
            self.renew()
            return True
        self._wrong += 1
        if self._wrong >= ATTEMPTS:
            self.renew()
            self._not_before = self._clock() + PAUSE_S
        return False

    def invalidate(self) -> None:
        """Accept no code any more, since set-up is done."""
        self._code = secrets.token_hex(LENGTH)  # longer than what anybody is shown
        self._path.unlink(missing_ok=True)
