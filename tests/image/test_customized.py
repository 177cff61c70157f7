"""Who is let in by what Raspberry Pi Imager writes onto a card."""

import shlex
import subprocess
from pathlib import Path

import pytest

from image import layers
from image.boot import customized

UNIT = layers.HERE / "files/usr/lib/systemd/system/asked-for-ssh.service"


def asked(user_data: str, folder: Path) -> bool:
    """Whether the unit's condition holds; it is run as it stands there."""
    (line,) = (line for line in UNIT.read_text().splitlines() if line.startswith("ExecCondition="))
    file = folder / "user-data"
    file.write_text(user_data)
    *command, place = shlex.split(line.partition("=")[2])
    assert place == "/boot/config/user-data"
    return subprocess.run([*command, str(file)], check=False).returncode == 0


def test_ssh_starts_for_both_forms_of_imagers_answers(tmp_path: Path) -> None:
    for card in (customized.with_password(tmp_path), customized.with_key(tmp_path)):
        assert asked(card.files["user-data"], tmp_path)
        assert asked(card.files["user-data"].replace("\n", "\r\n"), tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        "hostname: kitchen",
        "# enable_ssh: true",
        "enable_ssh: false",
        "enable_ssh: truely",
        "  - [ systemctl, enable, --now, sshfs ]",
        "note: enable_ssh: true",
    ],
)
def test_and_for_nobody_else(tmp_path: Path, line: str) -> None:
    assert not asked(f"#cloud-config\n{line}\n", tmp_path)
