"""Browsers in a list of sessions: enough to recognize one, and no more."""

from __future__ import annotations

import ipaddress

# Each names itself after others that it is like, so the first that fits counts.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_name(user_agent: str) -> str:
    """Return what a browser is called, such as `Firefox, Android`; empty where nothing is known."""
    found = (
        next((name for part, name in table if part in user_agent), "")
        for table in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(filter(None, found))


def network_name(address: str) -> str:
    """Return the network of an address, as the rate limit knows it: not which device it was."""
    network = ipaddress.ip_network(address, strict=False)
    if network.is_loopback or str(network) == "::/64":
        return "this device"
    prefix = 24 if network.version == 4 else 48
    return str(network.supernet(new_prefix=prefix))
