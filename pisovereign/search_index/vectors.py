"""Vectors as the database stores them."""

from __future__ import annotations

from array import array


def as_halfvec(vector: array[float]) -> str:
    """Return the vector as PostgreSQL reads a halfvec; float16 keeps about three digits."""
    return f"[{','.join(f'{number:.6g}' for number in vector)}]"
