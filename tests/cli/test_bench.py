"""`pisovereign-cli bench` as an owner runs it."""

from __future__ import annotations

import getpass
import json
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from pisovereign.supervisor.speed_report import (
    frequency_mhz,
    governor,
    temperature_c,
    throttled,
)
from tests.support.server import Server, clean_environment


def bench(folder: Path, models: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pisovereign.cli.main", "bench", *arguments],
        env=clean_environment(
            {"PISOVEREIGN_DATA_DIR": str(folder), "PISOVEREIGN_MODELS_DIR": str(models)}
        ),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=folder,
    )


def test_a_file_to_share(models_dir: Path, data_dir: Path) -> None:
    done = bench(data_dir, models_dir, "--seconds=0")
    assert done.returncode == 0, done.stderr
    files = list(data_dir.glob("pisovereign-bench-smollm2-135m-instruct-*.md"))
    assert len(files) == 1
    text = files[0].read_text()
    assert text.startswith(done.stdout.rstrip("\n"))
    found: dict[str, Any] = json.loads(text.partition("```json\n")[2].partition("```")[0])
    for name in ("reading", "writing"):
        assert [rate["clients"] for rate in found[name]] == [1, 4]
        assert all(len(rate["runs"]) == 1 and rate["runs"][0] > 0 for rate in found[name])
    assert found["first_cold_s"] > found["first_warm_s"] > [0]
    assert found["memory"] > found["weights"] > 90_000_000
    assert found["surroundings"]["bandwidth"] > 1e8
    assert "| of which writing takes |" in text
    # There were not several runs of each.
    assert found["complete"] is False
    private = {str(data_dir), str(models_dir), str(Path.home()), platform.node(), getpass.getuser()}
    assert [word for word in private if len(word) > 4 and word in text] == []


def test_a_running_installation_is_not_disturbed(server: Server, models_dir: Path) -> None:
    done = bench(server.data_dir, models_dir)
    assert done.returncode == 1
    assert done.stderr == (
        "pisovereign-cli: PiSovereign is running: stop it first, or give --yes\n"
    )


def test_what_a_board_tells_of_itself(tmp_path: Path) -> None:
    assert (governor(tmp_path), frequency_mhz(tmp_path)) == (None, None)
    assert (temperature_c(tmp_path), throttled(tmp_path)) == (None, None)
    contents = {
        "devices/system/cpu/cpu0/cpufreq/scaling_governor": "ondemand\n",
        "devices/system/cpu/cpu0/cpufreq/scaling_max_freq": "2400000\n",
        "class/thermal/thermal_zone0/temp": "61850\n",
        "devices/platform/soc/soc:firmware/get_throttled": "50000\n",
    }
    for name, content in contents.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    assert (governor(tmp_path), frequency_mhz(tmp_path)) == ("ondemand", 2400)
    assert (temperature_c(tmp_path), throttled(tmp_path)) == (61.9, "50000")
