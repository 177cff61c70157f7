"""What may be called without a key, without limit or without a page of the reference, is listed."""

from __future__ import annotations

from http import HTTPStatus

from pisovereign.asgi.routes import Route, key_knowing_paths, public_paths, unlimited_paths
from pisovereign.assembly.routes import TABLES
from pisovereign.dialects.ollama.key_in_path import ALIVE
from pisovereign.http.page_routes import PAGE_PATHS, PART_PATHS, PageRoutes
from pisovereign.own_calendar.feed_address import FEED

ENTRIES: list[Route] = [entry for table in TABLES for entry in table.entries()]
# Nothing becomes public by a word in one entry alone.
PAGES = {
    "/",  # the page for people: what it shows, it asks for with their key
    *PAGE_PATHS,
    *PART_PATHS,
    "/swagger-ui",
    "/swagger-ui/swagger-ui.css",
    "/swagger-ui/swagger-ui-bundle.js",
    "/swagger-ui/start.js",
    "/redoc",
    "/redoc/redoc.standalone.js",
    "/redoc/start.js",
    # Asked for by browsers and generators by themselves.
    "/docs",
    "/favicon.ico",
    "/openapi.json",
}
# The authority of the device's own: its public part, and how a phone comes to trust it.
TRUST = {
    "/trust",
    "/trust/authority.crt",
    "/trust/authority.mobileconfig",
    "/trust/authority.pem",
    "/trust/check.js",
    "/trust/qr.svg",
    "/trust/style.css",
}
# What a phone asks for to keep the page as an app.
APP = {"/manifest.webmanifest", "/service-worker.js", "/share"}
# They are given what proves who asks, and have limits of their own.
SIGN_IN = {"/v1/sign-in", "/v1/sign-in/passkey", "/v1/sign-in/passkey-options"}
HEALTH = {"/health", "/ready", "/ready/all"}
PUBLIC = {
    *PAGES,
    *TRUST,
    *APP,
    *SIGN_IN,
    *HEALTH,
    "/metrics",
    "/metrics/prometheus",
    "/api-docs/openapi.json",
    "/v1/webhooks/whatsapp",  # proves itself with a signature
    FEED,  # whose real address is a secret
}
# Bodies that docs/api.md describes in words, or that belong to somebody else's protocol.
IN_WORDS = {
    "POST /v1/chat/stream",
    "POST /v1/chat/streams/{id}/cancel",
    "PATCH /v1/memories/{id}",
    "POST /v1/reminders/{id}/snooze",
    "POST /v1/approvals/{id}/approve",
    "POST /v1/approvals/{id}/cancel",
    "POST /v1/supervised-approvals/{person_id}/{id}/approve",
    "POST /v1/agentic/schedules/{id}/run",
    "POST /v1/agentic/tasks/{task_id}/cancel",
    "POST /v1/chat/completions",
    "POST /v1/embeddings",
    "POST /v1/responses",
    "POST /api/chat",
    "POST /api/embed",
    "POST /api/embeddings",
    "POST /api/generate",
    "POST /api/pull",
    "POST /api/show",
    "POST /mcp",
}


def test_what_is_public_is_listed() -> None:
    assert public_paths(TABLES) == PUBLIC


def test_a_key_counts_on_public_paths_only_where_it_shows_more() -> None:
    assert key_knowing_paths(TABLES) == {"/metrics", "/metrics/prometheus"}


def test_only_probes_and_pieces_of_pages_and_files_are_exempt_from_the_rate_limit() -> None:
    assert unlimited_paths(TABLES) == HEALTH | {
        "/service-worker.js",
        "/v1/system/backup-upload",
        "/v1/system/model-upload",
        *PART_PATHS,
    }


def test_views_and_the_api_have_no_path_in_common() -> None:
    others = {entry.path for entry in ENTRIES if entry.responder is not PageRoutes.page}
    assert not others & set(PAGE_PATHS)
    assert not any(path.startswith(("/v1", "/web", "/setup")) for path in PAGE_PATHS)
    assert {path.partition("/web/")[0] for path in PART_PATHS} == {""}


def test_keys_of_every_user_do_all_but_decide() -> None:
    scoped = {entry.name: entry.scope for entry in ENTRIES if entry.scope != "user"}
    deciding = {name for name, scope in scoped.items() if scope == "approve"}
    assert deciding == {
        "POST /v1/approvals/{id}/approve",
        "POST /v1/approvals/{id}/deny",
    }
    # What waits for owners, people decide by themselves (`Caller.require_person`).
    supervised = {name for name in scoped if "/v1/supervised-approvals" in name}
    # Models, backups, the device and who may use it belong to nobody alone.
    owners = {name for name, scope in scoped.items() if scope == "admin"}
    systems = ("/v1/system/", "/v1/people", "/api/pull")  # the last one fetches a model
    assert supervised < owners
    assert all(name.partition(" ")[2].startswith(systems) for name in owners - supervised)
    assert "POST /v1/system/models/active" in owners
    assert {name for name in scoped if "backup" in name} <= owners


def test_only_parts_of_pages_are_not_documented() -> None:
    hidden = {entry.name for entry in ENTRIES if not entry.documented}
    # Clients of Ollama ask whether it is there: `ALIVE` is where that path with a key in it leads.
    # `FEED` is where the secret address of a calendar leads.
    parts = (PAGES | TRUST | APP | {ALIVE, FEED}) - {"/", "/swagger-ui", "/redoc", "/share"}
    assert hidden == {f"GET {path}" for path in parts} | {"POST /share"}


def test_what_creates_says_so() -> None:
    created = {entry.name for entry in ENTRIES if entry.status == HTTPStatus.CREATED}
    assert created == {
        "POST /v1/agentic/schedules",
        "POST /v1/agentic/schedules/{id}/run",
        "POST /v1/agentic/tasks",
        "POST /v1/api-keys",
        "POST /v1/calendar/feed",
        "POST /v1/commands/catalog",
        "POST /v1/documents",
        "POST /v1/lists",
        "POST /v1/memories",
        "POST /v1/passkeys",
        "POST /v1/people",
        "POST /v1/people/{id}/invitation",
        "POST /v1/push/subscriptions",
        "POST /v1/reminders",
        "POST /v1/sign-in",
        "POST /v1/sign-in-codes",
        "POST /v1/sign-in/passkey",
        "POST /v1/telegram/codes",
    }


def test_every_body_is_described() -> None:
    bodies = {entry.name for entry in ENTRIES if entry.types().body is not None}
    assert bodies - {entry.name for entry in ENTRIES if entry.fields} == IN_WORDS
