"""First boot: a person with the console's one-time code gives the device its owner.

A process of its own, which runs before everything else and leaves nothing behind but a
configuration: what sets keys is not there any more when there is something to protect.
"""

__all__ = ["paths", "server"]
