"""The engine's compute settings as far as the configuration decides them."""

from __future__ import annotations

from pisovereign.config import EngineConfig
from pisovereign.engine.compute_settings import (
    EngineChoice,
    KvType,
    PinnedSettings,
    WaitPolicy,
    default_choice,
)
from pisovereign.errors import StartError

_SWITCHES = {"auto": None, "on": True, "off": False}


def pinned_settings(engine: EngineConfig) -> PinnedSettings:
    """Return the settings that are not left open.

    Raises:
        StartError: they exclude each other.
    """
    kv_type: KvType | None = None if engine.kv_type == "auto" else engine.kv_type
    try:
        return PinnedSettings(
            threads=engine.threads or None,
            flash_attention=_SWITCHES[engine.flash_attention],
            kv_type=kv_type,
            kv_unified=_SWITCHES[engine.kv_unified],
            batch=engine.batch or None,
        )
    except ValueError as error:
        raise StartError(f"engine.kv_type and engine.flash_attention: {error}") from None


def pinned_wait_policy(engine: EngineConfig) -> WaitPolicy | None:
    """Return how threads are to wait, unless that is left open."""
    return None if engine.omp_wait_policy == "auto" else engine.omp_wait_policy


def default_engine_choice(engine: EngineConfig) -> EngineChoice:
    """Return the defaults, with what is decided."""
    default = default_choice()
    return EngineChoice(
        settings=pinned_settings(engine).apply(default.settings),
        wait_policy=pinned_wait_policy(engine) or default.wait_policy,
        weights="file" if engine.weights == "auto" else engine.weights,
    )
