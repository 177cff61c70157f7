"""Parts of a request that the routes of accounts read beside its body."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from falcon.asgi import Request

from pisovereign.accounts.callers import Caller
from pisovereign.accounts.devices import device_name, network_name
from pisovereign.accounts.passkeys import Place
from pisovereign.accounts.sessions import Browser
from pisovereign.errors import BadRequest


def caller_of(req: Request) -> Caller:
    """Return who calls."""
    caller: Caller = req.context.caller
    return caller


def browser_of(req: Request) -> Browser:
    """Return what the list of sessions says of a browser."""
    agent = req.get_header("User-Agent") or ""
    return Browser(device_name(agent), network_name(req.context.address))


def place_of(req: Request) -> Place:
    """Return where the page is that asks for a passkey.

    Raises:
        BadRequest: Browsers know no passkeys there: without TLS, or under an address.
    """
    origin = req.get_header("Origin") or ""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if not host or not (parts.scheme == "https" or host == "localhost"):
        raise BadRequest("Passkeys need TLS: open this page with https, or as localhost")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return Place(host, origin)
    raise BadRequest("Passkeys need a name: open this page by its name, not by its address")
