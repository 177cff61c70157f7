"""Settings of `runner`: the process that executes commands."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config.rules import KIB, MIB, setting


class RunnerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The process that executes commands, and what one command may use up."""

    socket: Annotated[
        str, setting("Its UNIX socket; empty: inside the data folder.", max_length=100)
    ] = ""
    network_socket: Annotated[
        str,
        setting(
            "UNIX socket of another runner, for commands that need the network; empty: `socket`.",
            max_length=100,
        ),
    ] = ""
    privileged_socket: Annotated[
        str,
        setting(
            "UNIX socket of the service that restarts the appliance; empty: restarts are refused.",
            max_length=100,
        ),
    ] = ""
    parallel: Annotated[
        int, setting("Commands that run at the same time; others wait.", ge=1, le=16)
    ] = 4
    timeout_s: Annotated[
        float, setting("Longest time that a command may run, in seconds.", ge=1, le=600)
    ] = 30.0
    output_bytes: Annotated[
        int, setting("Maximum output of a command that is kept, in bytes.", ge=KIB, le=MIB)
    ] = 64 * KIB
    memory_bytes: Annotated[
        int, setting("Maximum memory of a command, in bytes.", ge=64 * MIB, le=64 * 1024**3)
    ] = 512 * MIB
    processes: Annotated[
        int, setting("Maximum number of processes of a command.", ge=1, le=1024)
    ] = 32
