"""First boot: whoever has the one-time code of the console becomes the owner of the device.

A separate process, which runs before everything else and leaves only a configuration behind: once
there is something to protect, no code is running that could set keys. `server` runs it;
`console` is the program that shows the code.
"""

__all__ = ["console", "server"]
