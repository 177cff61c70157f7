"""`ComputeSettings` as arguments of a command line, and back."""

from __future__ import annotations

import argparse
from typing import get_args

from pisovereign.engine.compute import Choice, ComputeSettings, KvType, WaitPolicy, default_choice

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
    """The settings that the arguments say.

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


def compute_argv(choice: Choice) -> list[str]:
    """The arguments that say these settings."""
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
