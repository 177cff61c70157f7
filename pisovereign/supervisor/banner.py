"""The text that is printed when everything is up."""

from __future__ import annotations

import socket
from pathlib import Path

from pisovereign.api_keys import owner_key_file
from pisovereign.config import Config
from pisovereign.process.own_program import typed_name


def base_url(config: Config) -> str:
    """Return the address to open from this machine."""
    host = config.server.host
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104
    return (
        f"http://[{host}]:{config.server.port}"
        if ":" in host
        else (f"http://{host}:{config.server.port}")
    )


def _secure_line(config: Config) -> str:
    """Return where others in the network find it, if there is TLS."""
    if config.tls.mode == "off":
        return ""
    names = config.server.names or (f"{socket.gethostname().partition('.')[0]}.local",)
    port = "" if config.tls.port == 443 else f":{config.tls.port}"
    return f"From other devices: https://{names[0]}{port}\n"


def banner(config: Config, data_dir: Path) -> str:
    """Return the address, where the key is, and a curl that works when pasted."""
    url, key_file = base_url(config), owner_key_file(data_dir)
    if config.security.api_key_users or config.security.api_keys:
        where, key = "API keys: those of your configuration.", "YOUR_API_KEY"
    else:
        where, key = f"API key: in {key_file}", f"$(cat '{key_file}')"
    return f"""
PiSovereign is ready at {url}
{_secure_line(config)}{where}

Say hello:

  curl {url}/v1/chat \\
    -H "Authorization: Bearer {key}" \\
    -H "Content-Type: application/json" \\
    -d '{{"message": "Hello! Who are you?"}}'

To sign a browser in: {typed_name("pisovereign-cli")} sign-in

Ctrl-C ends everything.
"""
