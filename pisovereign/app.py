"""The composition root: what the API is made of, wired once and in plain sight."""

from __future__ import annotations

from typing import Any

import falcon.asgi

from pisovereign.admission.fair_limiter import FairLimiter
from pisovereign.asgi.body import BodyLimit
from pisovereign.asgi.disconnect import CancelOnDisconnect
from pisovereign.asgi.errors import add_error_handlers
from pisovereign.asgi.routes import (
    add_routes,
    key_knowing_paths,
    limited_attempts,
    public_paths,
    unlimited_paths,
)
from pisovereign.asgi.types import AsgiApp
from pisovereign.assembly.accounts import Accounts
from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.assembly.integrations import Integrations
from pisovereign.assembly.lifespan import Background, Closing, Lifespan
from pisovereign.assembly.network_services import build_network_services
from pisovereign.assembly.routes import TABLES, build_routes
from pisovereign.assembly.services import Services
from pisovereign.channels.service import Assistant
from pisovereign.config import Config
from pisovereign.dialects.ollama import errors as ollama_errors
from pisovereign.dialects.ollama.key_in_path import KeyInPath
from pisovereign.documents.uploads import FORM_BYTES
from pisovereign.http.allowed_hosts import AllowedHosts
from pisovereign.http.auth import Authenticate
from pisovereign.http.client_address import ClientAddress
from pisovereign.http.instrumentation import Instrumentation, access_lines
from pisovereign.http.pacing import Pacing
from pisovereign.http.rate_limit import RateLimit
from pisovereign.http.same_origin import SameOrigin
from pisovereign.http.secure_transport import SecureTransport
from pisovereign.http.update_trial_guard import UpdateTrialGuard
from pisovereign.own_calendar.feed_address import FeedAddress
from pisovereign.parsing.parser import Parser
from pisovereign.runtime import Runtime
from pisovereign.speech.recording import LARGEST
from pisovereign.speech.routes import TRANSCRIPTIONS
from pisovereign.tls.routes import TRUST_PAGE, TRUST_PATHS

# What those who watch over the machine may ask without TLS; it tells nothing of anybody.
PROBES = ("/health", "/ready")


def create_app(config: Config, runtime: Runtime, parser: Parser) -> AsgiApp:
    """Build the API.

    Args:
        config: The checked configuration.
        runtime: Where this process finds the database, the engine and its keys.
        parser: The rules of all languages, which processes may share.
    """
    base = Infrastructure(config, runtime)
    integrations = Integrations(base)
    accounts = Accounts(base, integrations.users)
    services = Services(base, integrations, parser)
    channels = integrations.channels.working(
        Assistant(services.chat, services.approvals, services.notifications, integrations.speech)
    )
    integrations.settings.when_changed(channels.changed)
    background: list[Background] = [
        base.events.listener,
        accounts.changes,
        accounts.profiles,
        integrations.settings,
        *services.background(),
        build_network_services(base, integrations, services),
        channels,
    ]
    closing: list[Closing] = [
        services.mcp,
        services.tool_servers.sessions,
        *integrations.closing(),
        base.outbound,
        base.engine,
    ]
    if runtime.trial_key is not None:
        # Nothing is to change before the update is kept.
        background = [base.events.listener, accounts.changes]

    async def load() -> None:
        await accounts.load()
        await integrations.load()

    lifespan = Lifespan(base.database, closing, background, [base.events.log.wakeups.end], load)
    app = _new_app(base, accounts, lifespan)
    add_routes(
        app,
        TABLES,
        build_routes(base, integrations, services, accounts, channels),
        base.bodies,
        FairLimiter(),
    )
    return _around(app, base)


def _around(app: AsgiApp, base: Infrastructure) -> AsgiApp:
    """Return the app with what sees requests before it, and before its middleware."""
    guarded = CancelOnDisconnect(app, send_timeout=base.config.server.write_timeout_s)
    observed = Instrumentation(guarded, base.metrics.http, access_lines(base.config))
    return Pacing(KeyInPath(FeedAddress(observed)))


def _new_app(
    base: Infrastructure, accounts: Accounts, lifespan: Lifespan
) -> falcon.asgi.App[Any, Any]:
    """Return the app without routes; what each request passes stands here in its order."""
    config, trial_key = base.config, base.runtime.trial_key
    app: falcon.asgi.App[Any, Any] = falcon.asgi.App(
        middleware=[
            lifespan,
            ClientAddress(config.server.trusted_proxies, config.security.blocked_networks),
            RateLimit(
                config.security.rate_limit_rpm,
                config.server.workers,
                unlimited_paths(TABLES),
                public_paths(TABLES),
                attempts=limited_attempts(TABLES),
                most_attempts=config.security.sign_in_attempts,
            ),
            *([UpdateTrialGuard(trial_key, PROBES)] if trial_key is not None else []),
            *_secure_transport(config),
            BodyLimit(
                config.server.body_limit_bytes,
                {
                    "/v1/documents": config.documents.file_bytes + FORM_BYTES,
                    TRANSCRIPTIONS: LARGEST,
                },
            ),
            Authenticate(
                accounts.callers,
                SameOrigin(AllowedHosts(config.server.names)),
                accounts.streams,
                public=public_paths(TABLES),
                key_knowing=key_knowing_paths(TABLES),
                languages=base.locales.language,
            ),
        ]
    )
    app.req_options.strip_url_path_trailing_slash = True
    add_error_handlers(app, {ollama_errors.PATHS: ollama_errors.failure})
    return app


def _secure_transport(config: Config) -> list[SecureTransport]:
    """Return what leads to TLS; nothing where there is none, or where a proxy has it."""
    if config.tls.mode == "off":
        return []
    own_ca = config.tls.mode == "own-ca"
    return [
        SecureTransport(
            AllowedHosts(config.server.names),
            config.tls.port,
            plain={*PROBES, *(TRUST_PATHS if own_ca else ())},
            start=TRUST_PAGE if own_ca else "",
            own_names=config.server.names,
            insist_days=config.tls.hsts_days,
        )
    ]
