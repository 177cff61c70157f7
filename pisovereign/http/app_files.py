"""Files that make an app of the page: its manifest, its icons, and the service worker.

The service worker is the one script whose address stays the same; what is put in front of it names
the build, so that browsers notice each new one.
"""

from __future__ import annotations

import hashlib
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import msgspec

from pisovereign.http.static_files import StaticFile, media_type
from pisovereign.languages import LANGUAGES, Language, load_data

WORKER = "/service-worker.js"
MANIFEST = "/manifest.webmanifest"
WORKER_FILE = "service-worker.js"
_ICONS = resources.files("pisovereign").joinpath("web", "icons")
_NAMES = (
    "icon.svg",
    "icon-192.png",
    "icon-512.png",
    "maskable-512.png",
    "apple-touch-icon.png",
)
_CHECKED = {"Cache-Control": "no-cache"}
_WORKER_HEADERS = _CHECKED | {"Content-Security-Policy": "default-src 'none'; connect-src 'self'"}
_ACCENT, _BACKGROUND = "#8f1d3f", "#fbfaf8"


def load_icons() -> dict[str, StaticFile]:
    """Return the icons, by path."""
    return {
        f"/web/icons/{name}": StaticFile(
            _ICONS.joinpath(name).read_bytes(), media_type(name), _CHECKED
        )
        for name in _NAMES
    }


def load_manifest(code: Language) -> StaticFile:
    """Return the manifest in a language."""
    texts = load_data(code, "page")["page"]
    manifest: dict[str, Any] = {
        "id": "/",
        "name": "PiSovereign",
        "short_name": "PiSovereign",
        "description": texts["description"],
        "lang": code,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": _ACCENT,
        "background_color": _BACKGROUND,
        "icons": [
            _icon("icon-192.png", "192x192"),
            _icon("icon-512.png", "512x512"),
            _icon("maskable-512.png", "512x512") | {"purpose": "maskable"},
            _icon("icon.svg", "any") | {"type": "image/svg+xml"},
        ],
        # The service worker takes it; nothing of it is sent anywhere.
        "share_target": {
            "action": "/share",
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"title": "title", "text": "text", "url": "url"},
        },
    }
    headers = _CHECKED | {"Vary": "Accept-Language"}
    return StaticFile(msgspec.json.encode(manifest), media_type(MANIFEST), headers)


def load_worker(
    folder: Traversable, paths: tuple[str, ...], files: dict[str, StaticFile]
) -> tuple[StaticFile, str]:
    """Return the service worker, and the version of what it keeps.

    Args:
        folder: Where the built files are.
        paths: Where the page is served.
        files: All that belongs to the page, by path: forever means that its name has a hash.
    """
    script = folder.joinpath(WORKER_FILE).read_bytes()
    total = hashlib.sha256(script)
    total.update(folder.joinpath("index.html").read_bytes())
    for path, file in sorted(files.items()):
        total.update(f"{path} {file.etag}\n".encode())
    version = total.hexdigest()[:16]
    lasting = [path for path, file in files.items() if "immutable" in file.headers["Cache-Control"]]
    app = {
        "version": version,
        "files": sorted(lasting),
        "current": sorted(set(files) - set(lasting)),
        "paths": sorted(paths),
    }
    data = b"const APP = " + msgspec.json.encode(app) + b";\n" + script
    return StaticFile(data, media_type(WORKER), _WORKER_HEADERS), version


def load_manifests() -> dict[Language, StaticFile]:
    """Return the manifest in each language."""
    return {code: load_manifest(code) for code in LANGUAGES}


def _icon(name: str, sizes: str) -> dict[str, str]:
    return {"src": f"/web/icons/{name}", "sizes": sizes, "type": "image/png"}
