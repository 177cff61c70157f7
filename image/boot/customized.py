"""Cards that Raspberry Pi Imager has written with a person's answers.

Imager's files have changed from version to version: here are both forms that are in use, with what
only Raspberry Pi OS understands in them.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

NAME, USER, ZONE = "kitchen", "ada", "Europe/Berlin"
PASSWORD = "correct horse"
PASSWORD_HASH = (
    "$6$bootTest$k40uIG7.yC6W4wv0qNNsHlRBMWHvq2tm7m0P28"
    "m5pMP6LFWLFYlBRx97wR5loJh.uf62dr.QNXFnqeU23uPXu1"
)
COMMON = """\
#cloud-config
manage_resolv_conf: false

hostname: {name}
manage_etc_hosts: true
packages:
- avahi-daemon
apt:
  preserve_sources_list: true
  conf: |
    Acquire {{
      Check-Date "false";
    }};
timezone: {zone}
keyboard:
  model: pc105
  layout: "de"
"""
WITH_PASSWORD = """\
user:
  name: {user}
  shell: /bin/bash
  lock_passwd: false
  passwd: "{password}"
ssh_pwauth: true
runcmd:
  - [ rfkill, unblock, wifi ]
  - [ sh, -c, "for f in /var/lib/systemd/rfkill/*:wlan; do echo 0 > \\"$f\\"; done" ]
  - [ systemctl, enable, --now, ssh ]
"""
WITH_KEY = """\
enable_ssh: true
users:
- name: {user}
  groups: users,adm,dialout,audio,netdev,video,plugdev,cdrom,games,input,gpio,spi,i2c,render,sudo
  shell: /bin/bash
  lock_passwd: true
  ssh_authorized_keys:
    - {key}
  sudo: ALL=(ALL) NOPASSWD:ALL

"""
NETWORK = """\
network:
  version: 2
  ethernets:
    eth0:
      dhcp4: true
      dhcp6: true
      optional: true
  wifis:
    wlan0:
      dhcp4: true
      regulatory-domain: "DE"
      access-points:
        "Home":
          password: "b1b7cc4dd077d74bc3a830ebad9cd885add86ada76f183e6343667a3f70f93b9"
      optional: true
"""


class Card(NamedTuple):
    """What was asked for: how one gets in, and whether `sudo` then asks for a password."""

    title: str
    files: dict[str, str]
    login: tuple[str, ...]
    environment: dict[str, str]
    passwords: bool


def with_password(folder: Path) -> Card:
    """Return a user with a password, who may log in over SSH with it."""
    ask = folder / "ask"
    ask.write_text(f"#!/bin/sh\necho '{PASSWORD}'\n")
    ask.chmod(0o700)
    login = ("-o", "PreferredAuthentications=password", "-o", "NumberOfPasswordPrompts=1")
    asked = {"SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"}
    return Card("a password", _files(WITH_PASSWORD), login, asked, passwords=True)


def with_key(folder: Path) -> Card:
    """Return a user without a password, who logs in with a key."""
    key = folder / "key"
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "boot-test", "-f", str(key)]
    subprocess.run(make, check=True)
    files = _files(WITH_KEY, key=key.with_suffix(".pub").read_text().strip())
    login = ("-i", str(key), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes")
    return Card("a key", files, login, {}, passwords=False)


def log_in(card: Card, port: int, command: str) -> str:
    """Return what a command prints over SSH, or why nobody could log in."""
    options = {
        "ConnectTimeout": "110",
        "LogLevel": "ERROR",
        "StrictHostKeyChecking": "no",
        "UserKnownHostsFile": "/dev/null",
    }
    given = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    ssh = ["ssh", "-F", "none", "-p", str(port), *given, *card.login, f"{USER}@127.0.0.1"]
    done = subprocess.run(
        [*ssh, command],
        env=os.environ | card.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout.strip() or done.stderr.strip()


def _files(account: str, key: str = "") -> dict[str, str]:
    text = (COMMON + account).format(
        name=NAME, zone=ZONE, user=USER, key=key, password=PASSWORD_HASH
    )
    meta = "instance-id: rpi-imager-1700000000000\n"
    return {"user-data": text, "network-config": NETWORK, "meta-data": meta}
