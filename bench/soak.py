"""Whether the program can be left alone: twenty households' day, pressed into two hours.

    python -m bench.soak --hours 2 --output soak.json --plot soak.svg

They chat, give commands, make reminders, lists and memories, open pages that follow events, look
into calendar and mail, store documents, decide about approvals and make backups. Meanwhile memory,
handles and threads of each process, tables, folders and latencies are noted. Exit code 1: something
grows, leaks, becomes slow or fails.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import msgspec
import trustme

from bench.environment import Environment, describe
from bench.line_plot import draw
from bench.report import add_output, percentile, publish, table
from bench.soak_judge import Call, Verdict, judge
from bench.soak_mix import SLOW, Household, live
from bench.soak_panels import panels
from bench.soak_samples import Sample, Sampler, write_csv
from pisovereign.api_keys import Identity
from pisovereign.audit.service import AuditLog
from pisovereign.config.loading import models_dir
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import load_key
from tests.agents.conftest import sources
from tests.connectors.calendar.radicale import Radicale
from tests.connectors.email.crash import settings as mail_settings
from tests.connectors.email.dovecot import Dovecot
from tests.connectors.email.smtp_server import SmtpServer
from tests.support.engine_proxy import EngineProxy, stream
from tests.support.open_meteo import OpenMeteoServer
from tests.support.server import ALICE, Server

BOUNDS = {"audit_entries": 1000, "approvals": 200, "events": 200}
"""Of each person; so small that they are reached within minutes. A batch more may be there."""
PEOPLE = 2
_BATCHES = 300
_MAIL = b"From: Bob <bob@example.org>\r\nTo: alice@example.org\r\nSubject: Friday\r\n\r\nHello\r\n"
_LIMIT_S = 120.0


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All that was noted, and what it was noted on."""

    environment: Environment
    hours_a_day: float
    households: float
    seconds: float
    warmup_s: float
    seed: int
    verdicts: list[Verdict]
    log: dict[str, Any]
    samples: list[Sample]
    calls: list[Call]


class Talker(EngineProxy):
    """A model that says some words at once; vectors are the real engine's."""

    def reply(self, path: str, body: bytes) -> tuple[int, bytes] | None:
        """Return an answer to whoever talks, and pass everything else on."""
        if not path.endswith("/chat/completions"):
            return None
        if "response_format" in json.loads(body):
            return 200, stream("{}")
        return 200, stream("That is a good question, and there is more than one answer to it.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run, judge and print."""
    args = _parser().parse_args(argv)
    environment = describe()
    day_s = args.hours * 3600.0
    seconds = min(args.seconds or day_s, day_s)
    warmup_s = min(1800.0, seconds / 4)
    with _programs(args.disk) as (program, engines):
        samples, calls, log = asyncio.run(_run(program, engines, args, seconds, day_s))
    bounds = {name: PEOPLE * most + _BATCHES for name, most in BOUNDS.items()}
    counted = [call for call in calls if call.kind not in SLOW]
    verdicts = judge(samples, counted, warmup_s=warmup_s, bounds=bounds)
    result = Result(
        environment=environment,
        hours_a_day=args.hours,
        households=args.households,
        seconds=seconds,
        warmup_s=warmup_s,
        seed=args.seed,
        verdicts=verdicts,
        log=log,
        samples=samples,
        calls=calls,
    )
    publish(result, _tables(result), args.output)
    if args.plot:
        args.plot.write_text(draw(panels(samples, counted)), encoding="utf-8")
    if args.csv:
        write_csv(args.csv, samples)
    return 1 if any(v.holds is False for v in verdicts) or not log["intact"] else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--hours", type=float, default=2.0, help="real hours of one day")
    parser.add_argument("--seconds", type=float, help="end after so many, in the middle of a day")
    parser.add_argument("--households", type=float, default=20.0)
    parser.add_argument("--every", type=float, default=20.0, help="seconds between two samples")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--disk", type=Path, help="a folder for the data, instead of a new one")
    parser.add_argument("--plot", type=Path, help="write the curves to this SVG file")
    parser.add_argument("--csv", type=Path, help="write the samples to this file")
    add_output(parser)
    return parser


@contextmanager
def _programs(disk: Path | None) -> Iterator[tuple[Server, Server]]:
    """Start the program with all that is around it, and another one whose engine computes."""
    folder = Path(tempfile.mkdtemp(prefix="pisov-soak-", dir=disk))
    (folder / "calendar").mkdir()
    radicale = Radicale(folder / "calendar", trustme.CA()).start()
    radicale.make_calendar("everything", "Everything")
    small = {"PISOVEREIGN_ENGINE__CACHE_BYTES": str(16 << 20)}
    engines = Server(folder / "engines", models_dir(), **small).start()
    try:
        with (
            OpenMeteoServer() as meteo,
            Dovecot() as dovecot,
            SmtpServer(dovecot.certificates) as smtp,
            Talker(engines.data_dir / "run" / "engine.sock") as model,
        ):
            dovecot.put(*[_MAIL] * 20)
            settings = {
                **sources(radicale, meteo),
                **mail_settings(dovecot, smtp),
                "PISOVEREIGN_INFERENCE__BASE_URL": model.url,
                "PISOVEREIGN_RETENTION__CHECK_S": "15",
                "PISOVEREIGN_RETENTION__AUDIT_ENTRIES": str(BOUNDS["audit_entries"]),
                "PISOVEREIGN_RETENTION__APPROVALS": str(BOUNDS["approvals"]),
                "PISOVEREIGN_EVENTS__KEEP": str(BOUNDS["events"]),
                "PISOVEREIGN_BACKUP__KEEP": "2",
                # Full before the warm-up ends, so that what still grows is a leak.
                "PISOVEREIGN_CACHE__BYTES": str(1 << 20),
            }
            program = Server(folder / "data", models_dir(), **settings)
            try:
                yield program.start(first=True), engines
            finally:
                program.remove()
    finally:
        engines.remove()
        radicale.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def _fill_log(program: Server) -> None:
    """Write so many entries into the audit log that the oldest are deleted during the run."""
    database = Database(program.database_dsn(), pool_size=2, statement_timeout_s=30)
    await database.open()
    log = AuditLog(database, load_key(program.data_dir / "master.key"))
    whose = Identity(UUID(ALICE), frozenset({"user"}), "soak")
    for _ in range(BOUNDS["audit_entries"] + 500):
        await log.record(whose, "ran", kind="catalog_command", subject="soak", what="echo soak")
    await database.close()


async def _run(
    program: Server, engines: Server, args: argparse.Namespace, seconds: float, day_s: float
) -> tuple[list[Sample], list[Call], dict[str, Any]]:
    """Let people live, and look now and then; return what the audit log says of itself, too."""
    samples: list[Sample] = []
    calls: list[Call] = []
    sampler = Sampler(program, engines)
    limit = aiohttp.ClientTimeout(total=_LIMIT_S)
    connector = aiohttp.TCPConnector(limit=64)
    async with aiohttp.ClientSession(program.url, timeout=limit, connector=connector) as session:
        household = Household(session, engines.url, random.Random(args.seed))
        await household.prepare()
        await _fill_log(program)
        begun = asyncio.get_running_loop().time()

        async def look() -> None:
            while True:
                now = asyncio.get_running_loop().time() - begun
                samples.append(await asyncio.to_thread(sampler.take, now))
                failed = sum(call.failed for call in calls)
                said = f"{now:6.0f} s  {len(calls)} calls, {failed} failed"
                print(said, file=sys.stderr, flush=True)
                await asyncio.sleep(args.every)

        looking = asyncio.create_task(look())
        await live(household, seconds=seconds, times=args.households, day_s=day_s, calls=calls)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await household.end()
        samples.append(await asyncio.to_thread(sampler.take, seconds))
        log = await household.verify_log()
    sampler.close()
    return samples, sorted(calls, key=lambda call: call.at_s), log


def _tables(result: Result) -> str:
    """Return verdicts, latencies, and what grew most on the disk."""
    words = {True: "holds", False: "FAILS", None: "too little to tell"}
    verdicts = [
        (v.criterion, "" if v.measured is None else v.measured, v.limit, words[v.holds])
        for v in result.verdicts
    ]
    kinds = Counter(call.kind for call in result.calls)
    rows = []
    for kind in kinds:
        times = [1000 * call.seconds for call in result.calls if call.kind == kind]
        refused = sum(c.kind == kind and not 200 <= c.status < 300 for c in result.calls)
        shares = (percentile(times, 0.5), percentile(times, 0.99))
        rows.append((kind, kinds[kind], refused, *(round(share, 1) for share in shares)))
    first, last = result.samples[0], result.samples[-1]
    grown = sorted(((last.tables[t].size - first.tables[t].size) / 1024, t) for t in first.tables)[
        -8:
    ]
    tables = [
        (name, round(size), last.tables[name].live, last.tables[name].dead)
        for size, name in reversed(grown)
    ]
    folders = [
        (name, round(first.folders.get(name, 0) / 1024), round(size / 1024))
        for name, size in sorted(last.folders.items())
    ]
    return "\n\n".join(
        (
            f"audit log: {json.dumps(result.log)}",
            table(("criterion", "measured", "limit", ""), verdicts),
            table(("call", "times", "refused", "p50 ms", "p99 ms"), rows),
            table(("table", "grown KiB", "rows", "dead"), tables),
            table(("folder", "KiB at first", "KiB at last"), folders),
        )
    )


if __name__ == "__main__":
    sys.exit(main())
