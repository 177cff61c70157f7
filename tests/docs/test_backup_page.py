"""The examples of docs/backup.md are run as they stand there; only places are replaced."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import msgspec

from pisovereign.backup.encryption import CHUNK, Cost
from pisovereign.backup.passphrase import SHORTEST
from pisovereign.config import BackupConfig
from tests.docs.blocks import ROOT, blocks, read
from tests.support.server import Server, clean_environment, remove_data

PAGE = "docs/backup.md"


def run(example: str, data: Path, folder: Path) -> str:
    program = folder / "bin" / "pisovereign-cli"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pisovereign.cli.main "$@"\n')
    program.chmod(0o755)
    example = example.replace("/mnt/stick", str(folder)).replace("/etc/pisovereign", str(folder))
    environment = clean_environment(
        {"PISOVEREIGN_DATA_DIR": str(data), "PYTHONPATH": f"{ROOT}:{ROOT / 'native'}"}
    )
    if "--passphrase-file" not in example:
        environment["PISOVEREIGN_BACKUP_PASSPHRASE"] = "five random words are good"
    environment["PATH"] = f"{program.parent}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", example],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_examples(server: Server) -> None:
    backup, restore, nightly = [b.text for b in blocks(read(PAGE)) if b.language == "bash"]
    folder = Path(tempfile.mkdtemp(prefix="pisov-page-"))
    (folder / "passphrase").write_text("five random words are good\n")
    try:
        assert "models are not" in run(backup, server.data_dir, folder)
        assert "restored" in run(restore, folder / "new", folder)
        assert (folder / "new" / "master.key").exists()
        run(nightly, server.data_dir, folder)
        assert len(list(folder.glob("pisovereign-*Z.backup"))) == 1
    finally:
        remove_data(folder)


def test_the_settings_and_figures() -> None:
    (example,) = (b.text for b in blocks(read(PAGE)) if b.language == "toml")
    assert msgspec.convert(tomllib.loads(example)["backup"], BackupConfig).keep == 7
    text = " ".join(read(PAGE).split())
    assert f"at least {SHORTEST} characters" in text
    assert f"{CHUNK // 1024} KiB each" in text
    assert f"{Cost().passes} passes over {Cost().kib // 1024} MiB" in text
    assert re.search(r"flips every bit of the header", text)
