"""The processes of a running program by what they are, for tests that kill some of them."""

from __future__ import annotations

from tests.support.server import Server


def victims(server: Server) -> dict[str, list[int]]:
    """Return the ids of the processes of each kind that there are now, the oldest first."""
    lines = server.descendants()

    def of(part: str) -> list[int]:
        return sorted(pid for pid, line in lines.items() if part in line)

    # Workers have the command line of the process that they were forked from.
    apis = of("pisovereign.cli.serve api")
    backends = [pid for pid in of("postgres: ") if lines[pid].startswith("postgres: ")]
    return {
        "API": apis[:1],
        "API worker": apis[1:],
        "engine": of("pisovereign.engine.main"),
        "runner": of("pisovereign.runner.main"),
        "PostgreSQL": of("bin/postgres -D"),
        "PostgreSQL backend": backends,
        "connection": [pid for pid in backends if "[local]" in lines[pid]],
    }
