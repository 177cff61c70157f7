"""What people do on an emulated machine: features, a backup to a stick, and updates.

Of the updates one works, and two must not stay.

The image is the published one. The key that signs is a new one of this test; the shell inside lays
it over the folder of keys of the system that runs.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from image import build, layers, target
from image.boot import features, start_chart, stick_backup, update_cuts, update_files, user_mode
from image.boot.api import Client, chat, remember
from image.boot.machine import BROKEN_OFF, Machine
from image.boot.serial_shell import Probe
from image.boot.update_cuts import PROGRAM

READY_S, INSTALL_S, TRIAL_S, END_S = 1200.0, 3600.0, 3600.0, 900.0
KEYS = "/usr/lib/pisovereign/update-keys"
STICK = "/run/media/stick"
MEMORY = "The spare key lies under the third flower pot"

AnyMachine = Machine | user_mode.Machine
Say = Callable[[str], None]
Expect = Callable[[str, str], None]
Prepare = Callable[[Client, Probe], None]


class Plan(NamedTuple):
    """How much is tried.

    Attributes:
        cuts: how many power cuts there are in the middle of updates.
        seed: of the moments of those cuts.
        chart: where a picture of a start goes, if anywhere.
    """

    cuts: int
    seed: int
    chart: Path | None


class Status(NamedTuple):
    """What the program says: which system runs, what became of the update, and why."""

    slot: str
    stage: str
    told: str


def run(root: Path, name: str, plan: Plan, *, say: Say, expect: Expect, prepare: Prepare) -> None:
    """Go through all of it, on a machine whose card is put back between the parts."""
    image = build.ensure(root, name)
    made_for = layers.machine(layers.load_layers(layers.load_config(name)))
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="image-test-") as place:
        made = update_files.make(root, name, Path(place))
        say(f"a stick with {len(made.names)} updates, {made.stick.stat().st_size / 1e6:.0f} MB")
        kind = user_mode.Machine if made_for == target.PC else Machine
        machine: AnyMachine = kind(image, Path(place), stick=made.stick)
        try:
            trial = Trial(machine, made, say)
            new = machine.save("new")
            trial.begin(prepare)
            trial.power_off()
            before = machine.save("before")
            if plan.chart:
                trial.draw_start(plan.chart)
            trial.started()
            for feature, problem in features.run(trial.client).items():
                expect(feature, problem)
            trial.power_off()
            empty = update_files.fill_stick(Path(place) / "backups.img", [])
            problem = stick_backup.run(trial, before, new, empty, prepare)
            expect("a backup on a stick is restored on another card", problem)
            machine.restore(before)
            machine.plug_in(made.stick)
            expect("an update that works is kept", trial.goes_on())
            for bad, why in (
                (update_files.UNMOUNTABLE, "does not start"),
                (update_files.UNREADABLE, "fails its check"),
            ):
                machine.restore(before)
                expect(f"an update that {why} is rolled back", trial.goes_back(bad))
            lost = update_cuts.run(trial, before, plan.cuts, plan.seed)
            expect(f"{plan.cuts} power cuts in an update leave a whole system", lost)
        except BROKEN_OFF as error:
            expect("the test came to its end", f"{type(error).__name__}: {error}")
            for line in machine.log_tail():
                say(line)
        finally:
            machine.kill()


class Trial:
    """A machine with updates on a stick.

    Args:
        machine: that machine.
        made: the updates.
        say: prints a line.
    """

    def __init__(self, machine: AnyMachine, made: update_files.Made, say: Say) -> None:
        self.machine = machine
        self.client = Client(machine.address)
        self.say = say
        self._made = made
        self._memory = ""

    def begin(self, prepare: Prepare) -> None:
        """Start it for the first time, and have it remember something."""
        began = time.monotonic()
        probe = self.machine.start()
        probe.wait(READY_S)
        prepare(self.client, probe)
        self.ready()
        self._memory = remember(self.client, MEMORY)
        self.say(f"a first start, set up, and a memory, in {time.monotonic() - began:.0f} s")

    def draw_start(self, chart: Path) -> None:
        """Start, and write a picture of what systemd started when; it is switched off after it."""
        probe = self.started()
        took = start_chart.times(probe, READY_S)
        self.say(took)
        units = start_chart.units(probe.run("systemd-analyze plot", READY_S))
        chart.write_text(start_chart.draw(units, took))
        self.power_off()

    def goes_on(self) -> str:
        """Install the good update as people do on the page; returns what is wrong, or ""."""
        probe = self.started()
        self.provide(probe)
        name = self._made.names[update_files.GOOD]
        _, found = self.client.send("GET", "/v1/system/updates")
        if name not in {offered["file"] for offered in found["offered"]}:
            return f"it is not offered: {found}"
        began = time.monotonic()
        wish = {"source": "stick", "file": name, "then_try": True}
        status, answer = self.client.send("POST", "/v1/system/updates/install", wish)
        if status >= 300:
            return f"{status} {answer}"
        self.machine.ended(INSTALL_S)
        self.say(f"installed as on the page in {time.monotonic() - began:.0f} s")
        if problem := self._after_trial("b", "kept"):
            return problem
        # Once more: now it is the one that starts.
        self.power_off()
        self.started()
        return self.problem("b", "kept")

    def goes_back(self, kind: str) -> str:
        """Install an update that must not stay, in the shell; returns what is wrong, or ""."""
        self.started()
        self.say(self.install(kind))
        self.try_it()
        self.machine.start()
        self.machine.ended(TRIAL_S)
        return self._after_trial("a", "rolled_back")

    def _after_trial(self, slot: str, stage: str) -> str:
        began = time.monotonic()
        self.machine.start()
        self.ready()
        problem = self.problem(slot, stage)
        text, _ = chat(self.client, "What is the capital of France?")
        self.say(f"after {time.monotonic() - began:.0f} s: {self.status().told}")
        return problem or ("" if text.strip() else "a chat has no answer")

    def started(self) -> Probe:
        """Switch it on, and wait until everybody is served; returns the shell inside."""
        probe = self.machine.start()
        probe.wait(READY_S)
        self.ready()
        return probe

    def ready(self) -> None:
        """Wait until everybody is served, by the model too."""
        self.client.wait("/ready", lambda status, _: status == 200, READY_S)
        self.client.wait("/v1/memories?limit=1", lambda status, _: status == 200, READY_S)

    def power_off(self) -> None:
        """Switch it off, as people should."""
        self.machine.shell().run("systemctl --no-block poweroff")
        self.machine.ended(END_S)

    def provide(self, probe: Probe) -> None:
        """Have the key of the test count, until the next start."""
        line = self._made.key.splitlines()[1]
        key = f"printf 'untrusted comment: test\\n{line}\\n' > /run/test-keys/test.pub"
        probe.run(f"mkdir -p /run/test-keys; {key}; mount --bind /run/test-keys {KEYS}")
        # Where it is no stick on USB, nothing has mounted it.
        options = "ro,uid=pisovereign,gid=pisovereign,umask=0077,nosuid,nodev,noexec"
        mount = f"mount -t vfat -o {options} /dev/disk/by-label/PISOVEREIGN {STICK}"
        probe.run(f"mkdir -p {STICK}; mountpoint -q {STICK} || {mount}")

    def installing(self, kind: str) -> str:
        """Return the command that installs an update."""
        return f"{PROGRAM} install {STICK}/{self._made.names[kind]}"

    def install(self, kind: str) -> str:
        """Write an update; returns what the program says."""
        probe = self.machine.shell()
        self.provide(probe)
        return probe.run(self.installing(kind), INSTALL_S)

    def try_it(self) -> None:
        """Have the machine end, with the wish to start once with what was written."""
        self.machine.shell().run(f"{PROGRAM} try")
        self.machine.ended(END_S)

    def status(self) -> Status:
        """Return what the program says of the system that runs."""
        told = self.machine.shell().run(f"{PROGRAM} status")
        slot = re.search(r"system ([ab])$", told, re.MULTILINE)
        stage = re.search(r"^update to \S+: (\w+)", told, re.MULTILINE)
        return Status(slot[1] if slot else "", stage[1] if stage else "none", told)

    def problem(self, slot: str, stage: str) -> str:
        """Return what is not as it has to be, or ""."""
        found = self.status()
        if (found.slot, found.stage) != (slot, stage):
            return found.told
        return "" if self.remembers() else "what was acknowledged is gone"

    def remembers(self) -> bool:
        """Whether what was acknowledged before is there."""
        status, found = self.client.send("GET", f"/v1/memories/{self._memory}")
        return status == 200 and found["content"] == MEMORY
