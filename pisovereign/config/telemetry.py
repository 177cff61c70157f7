"""Settings of `telemetry`: logs."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pisovereign.config.rules import setting


class TelemetryConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of what is logged; never message text or keys."""

    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], setting("Minimum severity that is logged.")
    ] = "info"
    log_format: Annotated[Literal["text", "json"], setting("Format of a log line.")] = "text"
    access_log: Annotated[
        bool, setting("Log one line for each request; of one address a bounded number in a minute.")
    ] = True
