"""The report of a start, to whoever started this process."""

from __future__ import annotations

import os

_LONGEST = 1000


class StartReport:
    """Writes one line to a file descriptor: empty once clients are served, else why they are not.

    A process that ends without a line has crashed.

    Args:
        descriptor: where it goes; None: nobody asked.
    """

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def serves(self) -> None:
        """Tell that clients are served from now on."""
        self._tell("")

    def failed(self, why: str) -> None:
        """Tell why they are not; after `serves` nobody asks any more."""
        self._tell(" ".join(why.split())[:_LONGEST])

    def _tell(self, line: str) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            try:
                os.write(descriptor, f"{line}\n".encode())
            except BrokenPipeError:
                return  # whoever asked is gone, and so will this process be
            finally:
                os.close(descriptor)
