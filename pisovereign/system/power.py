"""Starting the program or the device again.

A closed list: under `pisovereign serve` the supervisor starts everything again; on an appliance
root's program for privileged commands takes a name and no argument.
"""

from __future__ import annotations

from typing import Literal

from pisovereign.errors import Conflict, ServiceUnavailable
from pisovereign.process.control import ControlClient
from pisovereign.runner.client import RunnerClient
from pisovereign.runner.privileged import COMMANDS
from pisovereign.runner.types import RunRequest

Target = Literal["program", "device"]
_NAMES = {"program": "restart", "device": "reboot"}
_LIMIT_S = 25.0


class Power:
    """What may be started again from here.

    Args:
        control: The supervisor, if there is one.
        runner: The way to the privileged commands.
        appliance: Whether there are any.
    """

    def __init__(self, control: ControlClient, runner: RunnerClient, *, appliance: bool) -> None:
        self._control = control
        self._runner = runner
        self._appliance = appliance

    def targets(self) -> list[Target]:
        """Return what `act` takes here."""
        if self._appliance:
            return ["program", "device"]
        return ["program"] if self._control.there else []

    async def act(self, target: Target) -> None:
        """Begin it.

        Raises:
            Conflict: It cannot be done here.
            ServiceUnavailable: Who would do it does not answer, or refuses.
        """
        if target not in self.targets():
            raise Conflict("This cannot be done from here")
        if not self._appliance:
            await self._control.restart()
            return
        argv = COMMANDS[_NAMES[target]]
        request = RunRequest(argv=argv, timeout_s=_LIMIT_S, privileged=True)
        result = await self._runner.run(request)
        if result.status != "completed":
            raise ServiceUnavailable("The device refuses: its log says why")
