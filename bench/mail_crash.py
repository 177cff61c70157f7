"""Whether approved mails are sent once, while processes are killed at random points.

    python -m bench.mail_crash --mails 1000

Mails are approved over HTTP, four at once. While the server that takes them thinks, an API worker,
a backend of PostgreSQL, PostgreSQL itself or all processes are killed with SIGKILL; clients ask
again until they are answered. At the end each approval's own report is compared with what arrived.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
import warnings
from collections.abc import Sequence

import msgspec

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, publish, table
from tests.connectors.email.crash import Ended, send_through_kills, settings
from tests.connectors.email.dovecot import Dovecot
from tests.connectors.email.smtp_server import SmtpServer


class Result(msgspec.Struct, frozen=True):
    """What was killed how often, what became of the mails, and the time that it took."""

    environment: Environment
    seed: int
    ended: Ended
    seconds: float


def main(argv: Sequence[str] | None = None) -> int:
    """Approve, kill, compare and print; exit code 1 when a report is wrong or a mail came twice."""
    parser = argparse.ArgumentParser(
        prog="bench.mail_crash", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # what the SMTP server has to tell
    warnings.filterwarnings("ignore", module="aiosmtpd")
    with (
        Dovecot() as dovecot,
        SmtpServer(dovecot.certificates) as smtp,
        running(**settings(dovecot, smtp)) as server,
    ):
        started = time.perf_counter()
        ended = send_through_kills(server, smtp, args.mails, seed=args.seed)
        seconds = time.perf_counter() - started
    result = Result(environment, args.seed, ended, round(seconds, 1))
    publish(result, _table(ended), args.output)
    return 0 if ended.right else 1


def _table(ended: Ended) -> str:
    kills: list[list[object]] = [[name, count] for name, count in sorted(ended.kills.items())]
    reports: list[list[object]] = [
        ["sent", ended.executed_came, ended.executed_missing],
        ["not sent", ended.failed_came, ended.failed_stayed],
        ["unknown", ended.unknown_came, ended.unknown_stayed],
    ]
    counts: list[list[object]] = [
        ["approved", ended.mails],
        ["request to approve broke off", ended.interrupted],
        ["came twice", ended.twice],
    ]
    return "\n\n".join(
        (
            table(["killed", "times"], kills),
            table(["reported as", "came", "did not come"], reports),
            table(["mails", "count"], counts),
        )
    )


if __name__ == "__main__":
    sys.exit(main())
