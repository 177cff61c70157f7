"""The page that was built: its files, and the paths it is served at.

`tools/build_web.py` makes `web/dist` of `web/src`, and writes down in `build.json` what belongs to
it. Each language's texts come from its `page.toml`.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import msgspec

from pisovereign.http.app_files import WORKER_FILE, load_icons, load_worker
from pisovereign.http.static_files import StaticFile, media_type
from pisovereign.languages import LANGUAGES, Language, load_data, load_traits

_DIST = resources.files("pisovereign").joinpath("web", "dist")
# Nothing may be loaded from elsewhere, and no other page may show ours in a frame. Text never
# becomes HTML: what would make it so is refused by the browser itself. The one policy there may be
# names the service worker's script.
_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types service-worker",
    ]
)
_PAGE_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    # An updated program has other files; which ones, the document says.
    "Cache-Control": "no-cache",
    "Vary": "Accept-Language",
}
# A name with a hash of the content in it never means anything else.
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_CHECKED = {"Cache-Control": "no-cache"}
# What is read here, and what is there to be read on the disk.
_UNSERVED = ("index.html", "setup.html", "licenses.txt", WORKER_FILE)
_NOT_BUILT = (
    "<!doctype html><title>PiSovereign</title><p>The page is not built: "
    "<code>python -m tools.build_web</code>\n"
)


class Build(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of `build.json`.

    Attributes:
        sources: A SHA-256 over all that the files are made of.
        views: Where the page is served, and the scripts that it needs at once there.
        main: The script that starts it.
        style: The one style sheet.
        setup: The script that starts the page of set-up.
        setup_scripts: What that needs at once.
        files: The SHA-256 of each file, by name.
    """

    sources: str
    views: dict[str, tuple[str, ...]]
    main: str
    style: str
    setup: str
    setup_scripts: tuple[str, ...]
    files: dict[str, str]


def load_build(folder: Traversable = _DIST) -> Build | None:
    """Return what was built; None: nothing."""
    try:
        text = folder.joinpath("build.json").read_bytes()
    except FileNotFoundError:
        return None
    return msgspec.json.decode(text, type=Build)


def load_parts(build: Build | None, folder: Traversable = _DIST) -> dict[str, StaticFile]:
    """Return the page's scripts, its style, texts and icons, by path."""
    unserved = (*_UNSERVED, build.setup if build else "")
    names = [name for name in build.files if name not in unserved] if build else []
    return _parts(names, folder) | load_icons()


def load_page_worker(
    build: Build | None, parts: dict[str, StaticFile], folder: Traversable = _DIST
) -> tuple[StaticFile | None, str]:
    """Return the service worker and the version of the page that it keeps; None: nothing is."""
    return load_worker(folder, tuple(build.views), parts) if build else (None, "")


def load_documents(
    build: Build | None, version: str = "", folder: Traversable = _DIST
) -> dict[tuple[str, Language], StaticFile]:
    """Return the document that starts the page, by path and language; `version` is the worker's."""
    if build is None:
        return {("/", code): _document(_NOT_BUILT) for code in LANGUAGES}
    template = folder.joinpath("index.html").read_text(encoding="utf-8")
    found: dict[tuple[str, Language], StaticFile] = {}
    for code in LANGUAGES:
        filled = _fill(template, code, style=build.style, main=build.main, version=version)
        for path, scripts in build.views.items():
            found[path, code] = _document(_preloading(filled, scripts))
    return found


def load_setup_parts(build: Build | None, folder: Traversable = _DIST) -> dict[str, StaticFile]:
    """Return what the page of set-up needs, by path."""
    return _parts([build.setup, *build.setup_scripts, build.style] if build else [], folder)


def load_setup_documents(
    build: Build | None, folder: Traversable = _DIST
) -> dict[Language, StaticFile]:
    """Return the document that starts the page of set-up, by language."""
    if build is None:
        return {code: _document(_NOT_BUILT) for code in LANGUAGES}
    template = folder.joinpath("setup.html").read_text(encoding="utf-8")
    return {
        code: _document(
            _preloading(
                _fill(template, code, style=build.style, main=build.setup), build.setup_scripts
            )
        )
        for code in LANGUAGES
    }


def _parts(names: Iterable[str], folder: Traversable) -> dict[str, StaticFile]:
    texts = media_type("texts.json")
    return {
        f"/web/{name}": StaticFile(folder.joinpath(name).read_bytes(), media_type(name), _FOREVER)
        for name in names
    } | {texts_path(code): StaticFile(load_texts(code), texts, _CHECKED) for code in LANGUAGES}


def _document(text: str) -> StaticFile:
    return StaticFile(text.encode(), media_type("index.html"), _PAGE_HEADERS)


def texts_path(code: Language) -> str:
    """Return where the texts of a language are."""
    return f"/web/texts/{code}.json"


def load_texts(code: Language) -> bytes:
    """Return the page's texts in a language, as JSON: tables of texts by their key."""
    tables: dict[str, Any] = load_data(code, "page")
    return msgspec.json.encode(tables)


def _fill(template: str, code: Language, *, style: str, main: str, version: str = "") -> str:
    """Return a document but for the scripts that are loaded with it."""
    offered = {
        each: {"name": load_traits(each).name, "texts": texts_path(each)} for each in LANGUAGES
    }
    values = {
        "language": code,
        "version": version,
        "languages": html.escape(json.dumps(offered, ensure_ascii=False)),
        "style": f"/web/{style}",
        "main": f"/web/{main}",
        "texts": texts_path(code),
        **{key: html.escape(text) for key, text in load_data(code, "page")["page"].items()},
    }
    for key, value in values.items():
        template = _put(template, key, value)
    return template


def _preloading(filled: str, scripts: Iterable[str]) -> str:
    lines = [f'<link rel="modulepreload" href="/web/{html.escape(name)}">' for name in scripts]
    return _put(filled, "preloads", "\n".join(lines))


def _put(template: str, key: str, value: str) -> str:
    return template.replace("{{" + key + "}}", value)
