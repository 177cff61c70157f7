"""The process that executes catalog commands, and the API's client for it.

`main` is the program: `server` accepts, `connection` reads one request, `launch` prepares a process
for it, and `execution` watches it. `privileged` is a second program, for restart and reboot.
`client` is the API's side, and `types` is what both send each other.
"""

__all__ = ["types"]
