"""A UNIX socket that only its owner, or its group too, can connect to."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from pisovereign.errors import StartError

_PROBE_S = 1.0


@contextlib.contextmanager
def listening(path: Path, *, group: bool = False) -> Iterator[socket.socket]:
    """Bind a socket with mode 0600, or 0660 for the `group` too, and remove it afterwards.

    Raises:
        StartError: the path is too long, is no socket, or somebody listens there.
    """
    _clear(path)
    with bound(path, group=group) as sock:
        try:
            # Keeps the inode, so that its number is not given to a successor's file.
            held = os.open(path, os.O_PATH)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise StartError(f"cannot listen on {path}: {error.strerror}") from None
        try:
            yield sock
        finally:
            # A successor may have its own socket there by now.
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(held), path.stat()):
                    path.unlink()
            os.close(held)


def bound(path: Path, *, group: bool = False) -> socket.socket:
    """Return a socket at a path where none may be yet, with the same modes; nobody removes it.

    Raises:
        StartError: it cannot be made.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # The mode counts from the first moment on; `chmod` afterwards would leave a gap.
    before = os.umask(0o117 if group else 0o177)
    try:
        sock.bind(str(path))
    except OSError as error:
        sock.close()
        raise StartError(f"cannot listen on {path}: {error.strerror or error}") from None
    finally:
        os.umask(before)
    return sock


def _clear(path: Path) -> None:
    """Remove the socket that a killed process has left behind."""
    if not path.exists():
        return
    if not path.is_socket():
        raise StartError(f"{path} exists and is not a socket; move it away")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_PROBE_S)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            path.unlink(missing_ok=True)
            return
        except TimeoutError:
            pass
    raise StartError(f"another process listens on {path}")
