"""Passwords come from the configuration, from a file, or from systemd."""

from __future__ import annotations

from pathlib import Path

import pytest

from pisovereign.connectors.credentials import load_secret
from pisovereign.errors import StartError


@pytest.fixture
def credential(tmp_path: Path) -> dict[str, str]:
    """An environment as systemd makes it, with the credential of `caldav.password`."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "caldav_password").write_text("from systemd\n")
    return {"CREDENTIALS_DIRECTORY": str(folder)}


def test_the_configuration_comes_first(credential: dict[str, str]) -> None:
    assert load_secret("caldav.password", "from config", "", credential) == "from config"


def test_a_file_comes_before_systemd(tmp_path: Path, credential: dict[str, str]) -> None:
    file = tmp_path / "password"
    file.write_bytes("pässwörd with spaces \r\n".encode())
    assert load_secret("caldav.password", "", str(file), credential) == "pässwörd with spaces "


def test_systemd_is_asked_by_the_name_of_the_setting(credential: dict[str, str]) -> None:
    assert load_secret("caldav.password", "", "", credential) == "from systemd"
    assert load_secret("email.password", "", "", credential) == ""


def test_there_may_be_none() -> None:
    assert load_secret("caldav.password", "", "", {}) == ""


def test_two_settings_for_one_secret_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"caldav\.password and caldav\.password_file are both"):
        load_secret("caldav.password", "secret", str(tmp_path / "password"), {})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file"),
        (b"", "must hold one line"),
        (b"\n", "must hold one line"),
        (b"top-secret\nsecond", "must hold one line"),
        (b"top-secret\0", "must hold one line"),
        (b"\xff\xfe", "not text in UTF-8"),
        (b"x" * 20_000, "must hold one line"),
    ],
)
def test_a_file_that_is_no_secret_refuses_the_start(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(StartError, match=reason) as refused:
        load_secret("caldav.password", "", str(file), {})
    assert str(refused.value).startswith("caldav.password_file: ")
    assert "top-secret" not in str(refused.value)
