"""What has to be true of the running system."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

from image.boot.serial_shell import Probe

# Where anybody may knock: the API, mDNS, and answers to our own DHCP requests.
PORTS_MEANT = {("tcp", 80), ("tcp", 443), ("udp", 5353), ("udp", 68), ("udp", 546)}
LOOPBACK = re.compile(r"^(127\.|\[::1\]|\[::ffff:127\.)")


def failed_units(probe: Probe) -> str:
    """Units that failed; nothing."""
    return probe.run("systemctl list-units --failed --plain --no-legend --no-pager")


def ordering_cycles(probe: Probe) -> str:
    """Messages of systemd about cycles; nothing."""
    return probe.run("journalctl -b --no-pager -o cat | grep -iE 'ordering cycle|deleted to break'")


def listening(probe: Probe) -> str:
    """Sockets that others can reach and that are not meant to be there; nothing."""
    return "\n".join(unexpected(probe.run("ss -H -lntup")))


def screen_lacks(probe: Probe, code: str, limit_s: float = 120) -> str:
    """Return what a person in front of the device cannot read on the first screen; usually "".

    The kernel keeps the screen's letters, also where no screen is connected.
    """
    end, shown = time.monotonic() + limit_s, ""
    while time.monotonic() < end:
        shown = probe.run("cat /dev/vcs1")
        lacking = [text for text in ("http://", ".local", code) if text not in shown]
        if not lacking:
            return "a login beside them" if "login:" in shown else ""
        time.sleep(1)
    return f"no {' and no '.join(lacking)} in {' '.join(shown.split())!r}"


def unexpected(sockets: str) -> Iterator[str]:
    """Yield the lines of `ss -H -lntup` that nobody asked for."""
    for line in sockets.splitlines():
        fields = line.split()
        if len(fields) < 5 or LOOPBACK.match(fields[4]):
            continue
        # avahi also asks from a port of its own, which takes only answers.
        own = "avahi-daemon" in line and fields[0] == "udp"
        if (fields[0], int(fields[4].rpartition(":")[2])) not in PORTS_MEANT and not own:
            yield line


def root_is_read_only(probe: Probe) -> str:
    """How writing to the root succeeded; nothing."""
    options = probe.run("findmnt -no OPTIONS /").split(",")
    tried = probe.run("touch /usr/x /opt/x /x 2>&1 | grep -vc 'Read-only file system'")
    return "" if options[0] == "ro" and tried == "0" else f"{options} {tried}"


def data_has_grown(probe: Probe) -> str:
    """Return the size of the data partition's filesystem, if it did not take the card, or ""."""
    size = int(probe.run("findmnt -bno SIZE /data") or 0)
    return "" if size > 2_000_000_000 else f"{size} bytes"


def no_secret_in_image(probe: Probe) -> str:
    """Accounts that could log in with a password or a key nobody gave; nothing."""
    accounts = probe.run("awk -F: '$2 !~ /^[!*]/ {print $1}' /etc/shadow")
    keys = probe.run("find /root/.ssh /etc/ssh/ssh_host_* -type f 2>/dev/null")
    return f"{accounts} {keys}".strip()


def journal_is_volatile(probe: Probe) -> str:
    """Journals on the card; nothing."""
    return probe.run("ls /var/log/journal 2>/dev/null; findmnt -no FSTYPE /var/log | grep -v tmpfs")


def swap_is_compressed(probe: Probe) -> str:
    """Return what is wrong with the swap, or ""."""
    return "" if "zram0" in probe.run("cat /proc/swaps") else "no zram"


def checksums_are_on(probe: Probe) -> str:
    """Return what is wrong with the database's checksums, or ""."""
    find = "find /var/lib/pisovereign -name PG_VERSION -printf '%h\\n'"
    control = "/usr/lib/postgresql/17/bin/pg_controldata"
    cluster = probe.run(f"{find} | grep -E '/cluster$|/data$' | head -n 1") or "/nowhere"
    said = probe.run(f"{control} -D {cluster} | grep 'page checksum version'")
    return "" if said.split()[-1:] == ["1"] else said or "no cluster"


ALL: dict[str, Callable[[Probe], str]] = {
    "no failed unit": failed_units,
    "no ordering cycle": ordering_cycles,
    "nothing listens but what is meant to": listening,
    "root is read-only": root_is_read_only,
    "data partition has grown": data_has_grown,
    "no password and no key in the image": no_secret_in_image,
    "journal is in memory": journal_is_volatile,
    "swap is compressed memory": swap_is_compressed,
    "database has checksums": checksums_are_on,
}


def run(probe: Probe) -> dict[str, str]:
    """Return what is wrong, by the name of the check; "" where nothing is wrong."""
    return {name: check(probe) for name, check in ALL.items()}
