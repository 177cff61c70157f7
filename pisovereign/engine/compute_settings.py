"""Settings of a context, which decide its speed and the size of its memory; as arguments too."""

from __future__ import annotations

import argparse
from typing import Literal, get_args

import msgspec

from pisovereign.engine.machine import default_threads

KvType = Literal["f16", "q8_0"]
WaitPolicy = Literal["passive", "active"]
# As the model file has them, or converted by `requantize`.
Weights = Literal["file", "q8_0"]


class ComputeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one context.

    Attributes:
        threads: threads that compute a step of a single token.
        batch_threads: threads that compute every other step: prompts, and several answers at once.
        flash_attention: compute attention in one pass, without a matrix of all weights.
        kv_type: how keys and values are kept; `q8_0` needs flash attention.
        kv_unified: one buffer of keys and values for all sequences, instead of one for each.
        batch: most tokens in one step.
        micro_batch: tokens that go through the model at once; a step is cut into such parts.

    Raises:
        ValueError: the settings exclude each other, or nobody could compute with them.
    """

    threads: int
    batch_threads: int
    flash_attention: bool = False
    kv_type: KvType = "f16"
    kv_unified: bool = False
    batch: int = 256
    micro_batch: int = 256

    def __post_init__(self) -> None:
        if self.kv_type == "q8_0" and not self.flash_attention:
            raise ValueError("a q8_0 KV cache needs flash attention")
        if min(self.threads, self.batch_threads) < 1:
            raise ValueError("at least one thread has to compute")
        if not 1 <= self.micro_batch <= self.batch:
            raise ValueError("a micro-batch has at least one token and at most a batch's")


class PinnedSettings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Settings that the configuration decides; None leaves a choice to the program.

    Attributes are those of `ComputeSettings`; `threads` stands for both kinds of steps.
    """

    threads: int | None = None
    flash_attention: bool | None = None
    kv_type: KvType | None = None
    kv_unified: bool | None = None
    batch: int | None = None

    def __post_init__(self) -> None:
        if self.kv_type == "q8_0" and self.flash_attention is False:
            raise ValueError("a q8_0 KV cache needs flash attention")

    def apply(self, settings: ComputeSettings) -> ComputeSettings:
        """Return the settings with every wish fulfilled and nothing else changed without need."""
        kv_type = self.kv_type or settings.kv_type
        flash = settings.flash_attention if self.flash_attention is None else self.flash_attention
        if kv_type == "q8_0" and not flash:
            flash = self.kv_type == "q8_0"
            kv_type = self.kv_type or "f16"
        batch = self.batch or settings.batch
        unified = settings.kv_unified if self.kv_unified is None else self.kv_unified
        return ComputeSettings(
            threads=self.threads or settings.threads,
            batch_threads=self.threads or settings.batch_threads,
            flash_attention=flash,
            kv_type=kv_type,
            kv_unified=unified,
            batch=batch,
            micro_batch=min(settings.micro_batch, batch),
        )


class EngineChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that an engine process is started with."""

    settings: ComputeSettings
    wait_policy: WaitPolicy
    weights: Weights = "file"


def default_choice() -> EngineChoice:
    """Return what is right enough everywhere, when nothing was measured.

    On one x86-64 machine decoding at 600 tokens of context was twice as fast without flash
    attention, on another a tenth slower; separate buffers won on both. One core stays free.
    """
    threads = default_threads()
    settings = ComputeSettings(threads=threads, batch_threads=threads)
    return EngineChoice(settings=settings, wait_policy="passive")


_SWITCH = ("off", "on")


def add_compute_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one option for each setting."""
    add = parser.add_argument
    add("--threads", type=int, default=0, help="0: one below the physical cores")
    add("--batch-threads", type=int, default=0, help="for more than one token; 0: the same")
    add("--flash-attention", choices=_SWITCH, default="off")
    add("--kv-type", choices=get_args(KvType), default="f16", help="q8_0 needs flash attention")
    add("--kv-unified", choices=_SWITCH, default="off", help="one KV buffer for all sequences")
    add("--batch", type=int, default=256, help="most tokens in one step")
    add("--micro-batch", type=int, default=0, help="tokens computed at once; 0: a whole step")
    add("--wait-policy", choices=get_args(WaitPolicy), default="passive", help="OpenMP's threads")


def compute_settings(args: argparse.Namespace) -> ComputeSettings:
    """Return the settings that the arguments say.

    Raises:
        ValueError: they exclude each other.
    """
    threads = args.threads or default_choice().settings.threads
    return ComputeSettings(
        threads=threads,
        batch_threads=args.batch_threads or threads,
        flash_attention=args.flash_attention == "on",
        kv_type=args.kv_type,
        kv_unified=args.kv_unified == "on",
        batch=args.batch,
        micro_batch=args.micro_batch or args.batch,
    )


def compute_argv(choice: EngineChoice) -> list[str]:
    """Return the arguments that say these settings."""
    settings = choice.settings
    return [
        f"--threads={settings.threads}",
        f"--batch-threads={settings.batch_threads}",
        f"--flash-attention={_SWITCH[settings.flash_attention]}",
        f"--kv-type={settings.kv_type}",
        f"--kv-unified={_SWITCH[settings.kv_unified]}",
        f"--batch={settings.batch}",
        f"--micro-batch={settings.micro_batch}",
        f"--wait-policy={choice.wait_policy}",
    ]
