"""Asking a server whether it takes connections; a real one is asked with each start of one."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from pisovereign.storage.embedded.ping import Answer, ping
from tests.support.one_reply import one_reply

_REFUSED = b"E\x00\x00\x00\x20SFATAL\0VFATAL\0C%b\0Mno\0\0"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"R\x00\x00\x00\x08\x00\x00\x00\x00", Answer.READY),
        (_REFUSED % b"57P03", Answer.STARTING),
        (_REFUSED % b"28000", Answer.READY),
        (b"", Answer.NONE),
    ],
)
def test_what_a_server_says(tmp_path: Path, said: bytes, answer: Answer) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / ".s.PGSQL.5432"))
        listening.listen()
        with one_reply(listening, said) as asked:
            assert ping(tmp_path, 5432, "postgres") == answer
    assert asked[0].endswith(b"user\0postgres\0database\0postgres\0\0")
    assert int.from_bytes(asked[0][:4], "big") == len(asked[0])


def test_no_server(tmp_path: Path) -> None:
    assert ping(tmp_path, 5432, "postgres") == Answer.NONE
