"""Where set-up keeps what it knows, and whether it is done."""

from __future__ import annotations

from pathlib import Path

from pisovereign.config import Config


def code_file(data_dir: Path) -> Path:
    """The present one-time code, for the console; only there while set-up runs."""
    return data_dir / "setup" / "code"


def done_file(data_dir: Path) -> Path:
    """There when set-up is done; services wait for it."""
    return data_dir / "setup-done"


def needs_setup(config: Config, data_dir: Path) -> bool:
    """Whether nothing but set-up may run."""
    return config.setup.enabled and not done_file(data_dir).exists()
