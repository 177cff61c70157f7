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
            "Where another runner executes commands that need the network; empty: `socket`.",
            max_length=100,
        ),
    ] = ""
    privileged_socket: Annotated[
        str,
        setting(
            "Where the appliance restarts itself when it is told to; empty: that is refused.",
            max_length=100,
        ),
    ] = ""
    parallel: Annotated[int, setting("Commands that run at once; others wait.", ge=1, le=16)] = 4
    timeout_s: Annotated[float, setting("Longest time of a command, in seconds.", ge=1, le=600)] = (
        30.0
    )
    output_bytes: Annotated[
        int, setting("Output of a command that is kept, in bytes.", ge=KIB, le=MIB)
    ] = 64 * KIB
    memory_bytes: Annotated[
        int, setting("Memory that a command may take, in bytes.", ge=64 * MIB, le=64 * 1024**3)
    ] = 512 * MIB
    processes: Annotated[
        int, setting("Processes that a command may consist of.", ge=1, le=1024)
    ] = 32
