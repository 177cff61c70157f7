"""Whatever is killed while approved mails are sent, none comes twice, and reports are true."""

from __future__ import annotations

from pathlib import Path

from tests.connectors.email.crash import send_through_kills, settings
from tests.connectors.email.dovecot import Dovecot
from tests.connectors.email.smtp_server import SmtpServer
from tests.support.server import Server


def test_no_mail_is_sent_twice(dovecot: Dovecot, models_dir: Path, data_dir: Path) -> None:
    with SmtpServer(dovecot.certificates) as smtp:
        server = Server(data_dir, models_dir, **settings(dovecot, smtp)).start()
        try:
            ended = send_through_kills(server, smtp, 24, seed=5)
        finally:
            server.remove()
    assert ended.mails == 24
    assert sum(ended.kills.values()) >= 3
    assert ended.right, ended
    assert ended.executed_came > 0
