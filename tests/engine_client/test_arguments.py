"""Arguments of calls that make no sense are none."""

from __future__ import annotations

from typing import Any

import pytest

from pisovereign.engine_client.arguments import decode_arguments


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", {}),
        ('{"a": [1]}', {"a": [1]}),
        ("[]", None),
        ("null", None),
        ('{"a": 1', None),
        ('{"a": ' + "[" * 63 + "]" * 63 + "}", ...),
        ('{"a": ' + "[" * 65 + "]" * 65 + "}", None),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", None),
        ('{"a": "\ud800"}', None),
    ],
)
def test_what_is_no_object_or_too_deep_is_none(text: str, read: Any) -> None:
    decoded = decode_arguments(text)
    assert decoded is not None if read is ... else decoded == read
