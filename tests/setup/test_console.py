"""What the screen at the device shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pisovereign.setup.console import Screen, render
from tests.support.patience import PATIENCE_S
from tests.support.server import Server, clean_environment
from tests.support.setup import Device


def console(environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pisovereign.setup.console", "--once"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_shows_address_and_code_until_set_up_is_done(data_dir: Path, models_dir: Path) -> None:
    device = Device(data_dir, models_dir, PISOVEREIGN_SERVER__NAMES='["pisovereign.local"]')
    assert "PiSovereign is starting." in console(device.environment)
    device.start()
    try:
        shown = console(device.environment)
        assert f"http://pisovereign.local:{device.port}" in shown
        assert device.url in shown
        assert f"Code  {device.code}" in shown
        assert "█" in shown
        device.claim()
        assert f"Code  {device.code}" in console(device.environment)
        device.finish(device.make_key())
        assert device.process is not None
        device.process.wait(PATIENCE_S)
    finally:
        device.end()
    after = console(device.environment)
    assert "Code" not in after
    assert "is starting, or has a fault" in after


def test_it_tells_when_the_assistant_is_ready(server: Server) -> None:
    shown = console(clean_environment(server.environment))
    assert "PiSovereign is ready." in shown
    assert server.url in shown


def test_the_code_is_in_the_picture() -> None:
    screen = Screen("http://pisovereign.local", ("http://192.168.1.20",), "is waiting", "ABCD-EFGH")
    other = screen._replace(code="ABCD-EFGJ")
    pictures = [render(each).partition("EFG")[2][1:] for each in (screen, other)]
    assert pictures[0] != pictures[1]
    assert len(render(screen).splitlines()) <= 32  # it has to fit on a screen
