"""TLS for those who connect: certificates, the device's own authority, and how it is trusted.

`certificates` keeps what is shown to clients; `routes` is the page that explains how a phone or a
computer comes to trust the authority.
"""

__all__ = [
    "authority",
    "build",
    "certificates",
    "device_clock",
    "names",
    "own_certificate",
    "routes",
]
