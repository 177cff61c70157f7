"""The page that explains how a phone or a computer comes to trust this device.

It is read before there is any trust, so without TLS and without signing in: it holds nothing of
anybody, and its texts come from `languages/<code>/trust.toml`.
"""

from __future__ import annotations

import functools
import io
import plistlib
import uuid
from html import escape

import msgspec
import segno
from cryptography import x509

from pisovereign.languages import Language, load_data
from pisovereign.tls.authority import der_of, fingerprint

_PROFILE = uuid.UUID("7f3b1c52-5ad4-4f0e-9a4a-0d6e9c2f8b11")


class Platform(msgspec.Struct, frozen=True):
    """How one kind of device is told to trust another."""

    name: str
    steps: tuple[str, ...]


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The texts of the page."""

    title: str
    lead: str
    untrusted: str
    trusted: str
    open: str
    phone: str
    file: str
    pem: str
    compare_heading: str
    compare: str
    limits: str
    steps_heading: str
    scan_heading: str
    scan: str
    scan_alt: str
    platforms: dict[str, Platform]


@functools.cache
def load_texts(language: Language) -> Texts:
    """Return the texts of a language."""
    return msgspec.convert(load_data(language, "trust"), Texts)


def render(language: Language, certificate: x509.Certificate, secure: str) -> bytes:
    """Return the page.

    Args:
        language: Its language.
        certificate: The authority's.
        secure: The address with TLS of the host that was asked for, without a slash at its end.
    """
    texts = load_texts(language)
    platforms = "".join(_platform(each) for each in texts.platforms.values())
    return f"""<!doctype html>
<html lang="{escape(language)}" data-secure="{escape(secure)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<title>{escape(texts.title)} – PiSovereign</title>
<link rel="stylesheet" href="/trust/style.css">
<script type="module" src="/trust/check.js"></script>
</head>
<body>
<main>
<h1>{escape(texts.title)}</h1>
<p>{escape(texts.lead)}</p>
<div role="status">
<p data-when="untrusted" hidden>{escape(texts.untrusted)}</p>
<p data-when="trusted" hidden>{escape(texts.trusted)}</p>
</div>
<ul class="actions">
<li><a class="first" href="{escape(secure)}/">{escape(texts.open)}</a></li>
<li><a href="/trust/authority.crt">{escape(texts.file)}</a></li>
<li><a href="/trust/authority.mobileconfig">{escape(texts.phone)}</a></li>
<li><a href="/trust/authority.pem">{escape(texts.pem)}</a></li>
</ul>
<h2>{escape(texts.compare_heading)}</h2>
<p>{_with_code(texts.compare)}</p>
<p><code class="fingerprint">{escape(fingerprint(certificate))}</code></p>
<p class="quiet">{escape(texts.limits)}</p>
<h2>{escape(texts.steps_heading)}</h2>
{platforms}
<h2>{escape(texts.scan_heading)}</h2>
<p>{escape(texts.scan)}</p>
<img src="/trust/qr.svg" alt="{escape(texts.scan_alt)}">
</main>
</body>
</html>
""".encode()


def qr_code(address: str) -> bytes:
    """Return an SVG of a QR code that leads to an address."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", border=2, scale=4)
    return drawn.getvalue()


def apple_profile(certificate: x509.Certificate) -> bytes:
    """Return a configuration profile with the authority, for iPhones, iPads and Macs."""
    shown = fingerprint(certificate)
    name = certificate.subject.rfc4514_string()
    payload = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"org.pisovereign.authority.{shown[:8].replace(':', '')}",
        "PayloadUUID": str(uuid.uuid5(_PROFILE, f"certificate {shown}")).upper(),
        "PayloadDisplayName": name,
        "PayloadContent": der_of(certificate),
    }
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": "org.pisovereign.authority",
            "PayloadUUID": str(uuid.uuid5(_PROFILE, f"profile {shown}")).upper(),
            "PayloadDisplayName": "PiSovereign",
            "PayloadDescription": name,
            "PayloadContent": [payload],
        }
    )


def _platform(platform: Platform) -> str:
    steps = "".join(f"<li>{_with_code(step)}</li>" for step in platform.steps)
    return f"<details><summary>{escape(platform.name)}</summary><ol>{steps}</ol></details>"


def _with_code(text: str) -> str:
    """Return a text in which what stands between backquotes is shown as it is typed."""
    parts = escape(text).split("`")
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(parts))
