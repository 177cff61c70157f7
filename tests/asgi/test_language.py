"""Which language a client would rather have."""

from __future__ import annotations

import pytest

from pisovereign.asgi.language import accepted_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("*", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-US,en;q=0.9,de;q=0.8", "en"),
        ("fr, de;q=0.7, en;q=0.3", "de"),
        ("en;q=0.2 , DE;q=0.7", "de"),
        ("de;q=0", "en"),
        ("de,en", "de"),
        ("en,de", "en"),
        ("default;q=1.0", "en"),
        ("de;q=nonsense", "en"),
        ("," * 100_000 + "de", "en"),
    ],
)
def test_accepted_language(header: str | None, language: str) -> None:
    assert accepted_language(header) == language
