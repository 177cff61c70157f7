"""Tries the firewall from another machine, a namespace; run by `unshare --net --mount`.

Prints one line for each port: before SSH runs, while it runs, and afterwards.
"""

from __future__ import annotations

import shlex
import socket
import subprocess
import sys
import threading

from tests.support.patience import PATIENCE_S

HERE, THERE = "10.9.0.1", "10.9.0.2"
TCP, UDP = (22, 80, 443, 3000), (53, 5353)
_LIMIT_S = 0.3
_PREPARE = f"""
mount -t tmpfs tmpfs /run
ip netns add there
ip link add v0 type veth peer name v1 netns there
ip addr add {HERE}/24 dev v0
ip link set v0 up
ip -n there addr add {THERE}/24 dev v1
ip -n there link set v1 up
"""
# Run in the other namespace: tries each TCP port, and sends a word to each UDP port.
_KNOCK = f"""
import socket
for port in {TCP}:
    try:
        socket.create_connection(("{HERE}", port), {_LIMIT_S}).close()
        print("tcp", port)
    except OSError:
        pass
for port in {UDP}:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", ("{HERE}", port))
"""


def shell(script: str) -> None:
    """Run lines of shell, all of which have to succeed."""
    subprocess.run(["sh", "-euc", script], check=True, timeout=PATIENCE_S)


def knock(when: str, listeners: dict[int, socket.socket]) -> None:
    """Print what gets through."""
    command = ["ip", "netns", "exec", "there", sys.executable, "-c", _KNOCK]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    lines = done.stdout.splitlines()
    for port, sock in listeners.items():
        try:
            sock.recv(1)
            lines.append(f"udp {port}")
        except TimeoutError:
            pass
    print(f"{when}: {', '.join(lines)}", flush=True)


def _accept(listener: socket.socket) -> None:
    while True:
        listener.accept()[0].close()


def main(rules: str, opened: str, closed: str) -> None:
    """Load the rules, and knock."""
    shell(_PREPARE)
    for port in TCP:
        listener = socket.create_server(("", port))
        threading.Thread(target=_accept, args=(listener,), daemon=True).start()
    letters: dict[int, socket.socket] = {}
    for port in UDP:
        letters[port] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        letters[port].bind(("", port))
        letters[port].settimeout(_LIMIT_S)
    # Twice: what is loaded again takes the place of what was there.
    shell(f"nft -f {shlex.quote(rules)}; nft -f {shlex.quote(rules)}")
    knock("without SSH", letters)
    shell(opened)
    knock("with SSH", letters)
    shell(closed)
    knock("without SSH", letters)


if __name__ == "__main__":
    main(*sys.argv[1:])
