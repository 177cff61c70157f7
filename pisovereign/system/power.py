"""Starting the program or the device again.

A closed list: under `pisovereign serve` the supervisor starts everything again; on an appliance
root's program for privileged commands takes a name and no argument.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from pisovereign.errors import Conflict, ServiceUnavailable
from pisovereign.process.control import ControlClient
from pisovereign.runner.types import RunRequest, RunResult

Target = Literal["program", "device"]
_LIMIT_S = 25.0


class Power:
    """The means to start the program or the device again.

    Args:
        control: The supervisor, if there is one.
        run: Executes a command.
        privileged: The appliance's commands for it; empty elsewhere.
    """

    def __init__(
        self,
        control: ControlClient,
        run: Callable[[RunRequest], Awaitable[RunResult]],
        privileged: Mapping[Target, tuple[str, ...]],
    ) -> None:
        self._control = control
        self._run = run
        self._privileged = privileged

    def targets(self) -> list[Target]:
        """Return what `restart` takes here."""
        return list(self._privileged) or (["program"] if self._control.there else [])

    async def restart(self, target: Target) -> None:
        """Begin it.

        Raises:
            Conflict: It cannot be done here.
            ServiceUnavailable: Who would do it does not answer, or refuses.
        """
        if target not in self.targets():
            raise Conflict("This cannot be done from here")
        argv = self._privileged.get(target)
        if argv is None:
            await self._control.restart()
            return
        request = RunRequest(argv=argv, timeout_s=_LIMIT_S, privileged=True)
        result = await self._run(request)
        if result.status != "completed":
            raise ServiceUnavailable("The device refuses; its log says why")
