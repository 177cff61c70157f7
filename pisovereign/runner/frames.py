"""Frames on a connection: output of a program that is talked to, and how it ended."""

from __future__ import annotations

import struct

FRAME = struct.Struct("!cI")
"""Before each frame: what it is, and how many bytes follow."""
SAID, ENDED = b"o", b"e"
