"""`make image-test`: boot the image, use it, look into it, and pull the plug."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from image import build, layers, required_programs, target
from image.boot import (
    api,
    checks,
    customized,
    features,
    firmware_files,
    power_cuts,
    start_chart,
    updates,
    user_mode,
)
from image.boot.machine import BROKEN_OFF, Machine
from image.boot.serial_shell import Probe
from tools.last_runs import Run

READY_S = 1200.0
KILLS = UPDATE_CUTS = SEED = 20
FOLDER = "/var/lib/pisovereign/api"
MEMORY = "The boiler was last serviced in November by Mr. Miller"


class Report:
    """What was found; printed as it comes."""

    def __init__(self) -> None:
        self.checks = 0
        self.failures: list[str] = []
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        """Print a line with the seconds since the beginning."""
        print(f"{time.monotonic() - self._began:7.1f} s  {text}", flush=True)

    def expect(self, name: str, problem: str) -> None:
        """Print the outcome of a check; a problem counts."""
        self.checks += 1
        self.say(f"{'ok' if not problem else 'FAILED'}: {name}{': ' if problem else ''}{problem}")
        if problem:
            self.failures.append(name)


def run(root: Path, name: str, kill_count: int, plan: updates.Plan) -> int:
    """Do all of it; 0 when everything was as it has to be.

    With power cuts planned, only what `updates.run` does, with those cuts. A PC's image is for
    nothing else.
    """
    config = layers.load_config(name)
    made_for = layers.machine(layers.load_layers(config))
    if made_for == target.PC:
        plan = plan._replace(cuts=plan.cuts or UPDATE_CUTS)
    programs = required_programs.BOOT_PC if made_for == target.PC else required_programs.BOOT
    required_programs.require(programs | (required_programs.UPDATE if plan.cuts else {}))
    # Before anything is built: what is edited meanwhile is not what was tested.
    noted = Run(root, f"image-test-{name}")
    image = build.ensure(root, name)
    if made_for == target.PC:
        user_mode.allow_mappings()
        # Only now: what is built comes from outside, where the machine's network does not reach.
        user_mode.within_network(["-m", "image", *sys.argv[1:]])
    report = Report()
    if plan.cuts:
        updates.run(
            root,
            name,
            plan,
            say=report.say,
            expect=report.expect,
            prepare=lambda client, probe: prepare(client, probe, report),
        )
        if made_for == target.PC and plan.cuts >= UPDATE_CUTS:
            noted.write(report.checks, report.failures)
        return 1 if report.failures else 0
    found = firmware_files.problems(image, config)
    report.expect("what the firmware reads is there", "; ".join(found))
    using = _Using(image, report)
    using.machine(lambda machine: _whole(machine, report, kill_count))
    using.machine(lambda machine: _without_network(machine, report), network=False)
    with tempfile.TemporaryDirectory(prefix="image-test-") as folder:
        for make in (customized.with_password, customized.with_key):
            using.card(make(Path(folder)))
    report.say(f"{len(report.failures)} failed: {', '.join(report.failures) or 'none'}")
    if kill_count >= KILLS:
        noted.write(report.checks, report.failures)
    return 1 if report.failures else 0


class _Using(NamedTuple):
    """Uses one new machine after the other, with the same image."""

    image: Path
    report: Report

    def machine(
        self,
        use: Callable[[Machine], None],
        *,
        network: bool = True,
        answers: Mapping[str, str] | None = None,
    ) -> None:
        """Use a new one; if that breaks off, show what it printed last."""
        # Cards are large, and the other folder is often in memory.
        with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="image-test-") as folder:
            machine = Machine(self.image, Path(folder), network=network, answers=answers)
            try:
                use(machine)
            except BROKEN_OFF as error:
                self.report.expect("the test came to its end", f"{type(error).__name__}: {error}")
                for line in machine.log_tail():
                    self.report.say(line)
            finally:
                machine.kill()

    def card(self, card: customized.Card) -> None:
        """Boot a card that Raspberry Pi Imager has customized, twice."""

        def use(machine: Machine) -> None:
            for _ in range(2):
                self.report.say(f"start {machine.starts + 1} of a card with {card.title}")
                _customized(machine, self.report, card)
                machine.kill()

        self.machine(use, answers=card.files)


def _whole(machine: Machine, report: Report, kill_count: int) -> None:
    client = api.Client(machine.address)
    probe = machine.start()
    probe.wait(READY_S)
    report.say("a shell answers; waiting until everything is started")
    report.say(start_chart.times(probe, READY_S))
    prepare(client, probe, report)
    client.wait("/ready", lambda status, _: status == 200, READY_S)
    report.say("ready, after a first start with everything that is made once")
    began = time.monotonic()
    text, pieces = api.chat(client, "What is the capital of France?")
    report.say(f"chat: {pieces} pieces in {time.monotonic() - began:.0f} s: {text!r}")
    report.expect("chat streams tokens", "" if pieces > 1 and text.strip() else text or "no text")
    memory = api.remember(client, MEMORY)
    status, found = client.send("GET", "/v1/memories/search?q=when+was+the+heating+maintained")
    ids = [entry["id"] for entry in found] if status == 200 else []
    report.expect("a memory is found", "" if memory in ids else f"{status} {found}")
    for name, problem in (checks.run(probe) | features.run(client)).items():
        report.expect(name, problem)
    machine.kill()
    probe = machine.start()
    took = client.wait("/ready", lambda status, _: status == 200, READY_S)
    report.say(f"second start: ready {took:.0f} s after power-on")
    lost = power_cuts.run(machine, client, kill_count, report.say)
    report.expect(f"nothing acknowledged is lost by {kill_count} kills", f"{lost}" if lost else "")


def prepare(client: api.Client, probe: Probe, report: Report) -> None:
    """Get a key: by the set-up page, with the code that the console shows."""
    # The unit may be there before the page is.
    has_set_up = probe.run(
        "/opt/pisovereign/bin/pisovereign --help | grep -o setup | head -n 1", 300
    )
    if has_set_up:
        client.wait("/health", lambda status, _: status == 200, READY_S)
        code = probe.run(f"cat {FOLDER}/setup/code")
        if probe.run("test -e /dev/vcs1 && echo yes"):
            report.expect("the screen shows address and code", checks.screen_lacks(probe, code))
        api.set_up(client, code)
        report.say("set up through HTTP, with the code that the console shows")
        return
    report.say("this image has no set-up page; a shell does its work")
    probe.run(f"touch {FOLDER}/setup-done; chown pisovereign: {FOLDER}/setup-done")
    probe.run("systemctl stop pisovereign-setup.service")
    probe.run("systemctl start --no-block pisovereign-engine.service pisovereign.service")
    client.wait("/health", lambda status, _: status == 200, READY_S)
    client.headers["Authorization"] = "Bearer " + probe.run(f"cat {FOLDER}/api-key")


def _customized(machine: Machine, report: Report, card: customized.Card) -> None:
    probe = machine.start()
    probe.wait(READY_S)
    probe.run("timeout 600 systemctl is-system-running --wait", READY_S)
    said = probe.run("hostname; readlink -f /etc/localtime").split()
    wanted = [customized.NAME, f"/usr/share/zoneinfo/{customized.ZONE}"]
    report.expect("host name and time zone", "" if said == wanted else f"{said}")
    said = customized.log_in(card, machine.ssh_port, "id -un; sudo -n id -un 2>/dev/null").split()
    wanted = [customized.USER, *([] if card.passwords else ["root"])]
    report.expect("SSH, and sudo as it was asked for", "" if said == wanted else f"{said}")
    settings = probe.run("sshd -T | grep -E '^(permitrootlogin|passwordauthentication) '").split()
    wanted = ["permitrootlogin", "no"]
    wanted += ["passwordauthentication", "yes" if card.passwords else "no"]
    report.expect("who may log in", "" if settings == wanted else f"{settings}")
    report.expect("no unit failed with these answers", checks.failed_units(probe))
    others = [line for line in checks.listening(probe).splitlines() if ":22 " not in line]
    report.expect("nothing listens but that and SSH", "; ".join(others))


def _without_network(machine: Machine, report: Report) -> None:
    probe = machine.start()
    probe.wait(READY_S)
    ready = (
        "import urllib.request as r; print(r.urlopen('http://127.0.0.1/health', timeout=20).status)"
    )
    end, said = time.monotonic() + READY_S, ""
    while time.monotonic() < end and said != "200":
        said = probe.run(f'python3 -c "{ready}" 2>/dev/null', 60)
        time.sleep(1)
    report.expect("it starts without a network", "" if said == "200" else said or "no answer")
    report.expect("no unit failed without a network", checks.failed_units(probe))
