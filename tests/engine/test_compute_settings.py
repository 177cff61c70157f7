from __future__ import annotations

import argparse
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.engine.compute_settings import (
    ComputeSettings,
    EngineChoice,
    KvType,
    PinnedSettings,
    WaitPolicy,
    add_compute_arguments,
    compute_argv,
    compute_settings,
)

LAYOUTS: st.SearchStrategy[tuple[bool, KvType]] = st.sampled_from(
    [(False, "f16"), (True, "f16"), (True, "q8_0")]
)


@st.composite
def some_settings(draw: st.DrawFn) -> ComputeSettings:
    flash, kv_type = draw(LAYOUTS)
    batch = draw(st.sampled_from([128, 256, 512]))
    return ComputeSettings(
        threads=draw(st.integers(1, 64)),
        batch_threads=draw(st.integers(1, 64)),
        flash_attention=flash,
        kv_type=kv_type,
        kv_unified=draw(st.booleans()),
        batch=batch,
        micro_batch=draw(st.integers(1, batch)),
    )


@st.composite
def some_wishes(draw: st.DrawFn) -> PinnedSettings:
    kv_type = draw(st.sampled_from([None, *get_args(KvType)]))
    flash = draw(st.sampled_from([None, True] if kv_type == "q8_0" else [None, True, False]))
    return PinnedSettings(
        threads=draw(st.none() | st.integers(1, 64)),
        flash_attention=flash,
        kv_type=kv_type,
        kv_unified=draw(st.none() | st.booleans()),
        batch=draw(st.none() | st.sampled_from([128, 256, 1024])),
    )


def parsed(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_compute_arguments(parser)
    return parser.parse_args(argv)


@given(settings=some_settings(), policy=st.sampled_from(get_args(WaitPolicy)))
def test_a_command_line_says_exactly_the_settings(
    settings: ComputeSettings, policy: WaitPolicy
) -> None:
    args = parsed(compute_argv(EngineChoice(settings=settings, wait_policy=policy)))
    assert compute_settings(args) == settings
    assert args.wait_policy == policy


def test_no_arguments_are_the_defaults() -> None:
    settings = compute_settings(parsed([]))
    assert settings.threads == settings.batch_threads >= 1
    assert (settings.batch, settings.micro_batch) == (256, 256)
    assert not settings.flash_attention


@given(settings=some_settings(), wishes=some_wishes())
def test_every_wish_is_fulfilled(settings: ComputeSettings, wishes: PinnedSettings) -> None:
    made = wishes.apply(settings)
    for name in ("flash_attention", "kv_type", "kv_unified", "batch", "threads"):
        wish = getattr(wishes, name)
        assert wish is None or getattr(made, name) == wish
    assert wishes.threads in (None, made.batch_threads)
    assert wishes.apply(made) == made
    if wishes == PinnedSettings():
        assert made == settings


def test_a_wish_for_no_flash_attention_gives_up_a_small_cache() -> None:
    small = ComputeSettings(threads=1, batch_threads=1, flash_attention=True, kv_type="q8_0")
    assert PinnedSettings(flash_attention=False).apply(small).kv_type == "f16"


def test_settings_that_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="flash attention"):
        ComputeSettings(threads=1, batch_threads=1, kv_type="q8_0")
    with pytest.raises(ValueError, match="micro-batch"):
        ComputeSettings(threads=1, batch_threads=1, batch=128, micro_batch=256)
    with pytest.raises(ValueError, match="flash attention"):
        PinnedSettings(kv_type="q8_0", flash_attention=False)
