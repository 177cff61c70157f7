"""A card that Raspberry Pi Imager has written with a person's answers.

The files are as Imager 2 writes them; what in them only Raspberry Pi OS understands is there too.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

NAME, USER, ZONE = "kitchen", "ada", "Europe/Berlin"
USER_DATA = """\
#cloud-config
hostname: {name}
manage_etc_hosts: true
packages:
- avahi-daemon

apt:
  conf: |
    Acquire {{
      Check-Date "false";
    }};

timezone: {zone}
keyboard:
  model: pc105
  layout: "de"
enable_ssh: true
users:
- name: {user}
  groups: users,adm,dialout,audio,netdev,video,plugdev,input,gpio,spi,i2c,render,sudo
  shell: /bin/bash
  lock_passwd: true
  ssh_authorized_keys:
    - {key}
  sudo: ALL=(ALL) NOPASSWD:ALL

"""
NETWORK = """\
network:
  version: 2
  wifis:
    wlan0:
      dhcp4: true
      regulatory-domain: "DE"
      access-points:
        "Home":
          password: "correct horse"
      optional: true
"""


def make_key(folder: Path) -> Path:
    """A new SSH key; the public half lies beside it."""
    place = folder / "key"
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "boot-test", "-f", str(place)]
    subprocess.run(make, check=True)
    return place


def answers(key: Path) -> dict[str, str]:
    """The files for the first partition."""
    public = key.with_suffix(".pub").read_text().strip()
    user_data = USER_DATA.format(name=NAME, zone=ZONE, user=USER, key=public)
    return {
        "user-data": user_data,
        "network-config": NETWORK,
        "meta-data": "instance-id: rpi-imager-1700000000000\n",
    }


def log_in(port: int, key: Path, command: str, *, user: str = USER) -> str:
    """What a command prints over SSH; empty if nobody may log in."""
    options = {
        "BatchMode": "yes",
        "ConnectTimeout": "30",
        "IdentitiesOnly": "yes",
        "LogLevel": "ERROR",
        "StrictHostKeyChecking": "no",
        "UserKnownHostsFile": "/dev/null",
    }
    given = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    ssh = ["ssh", "-F", "none", "-i", str(key), "-p", str(port), *given, f"{user}@127.0.0.1"]
    done = subprocess.run([*ssh, command], capture_output=True, text=True, timeout=120, check=False)
    return done.stdout.strip()
