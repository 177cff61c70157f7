"""The catalog of system commands: what may be executed on this machine, and with what.

`service` lists, binds and executes them; whether a command waits for an approval is carried through
by the action that runs it.
"""

__all__ = ["service", "types"]
