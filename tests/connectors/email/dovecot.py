"""A real Dovecot of our own: on loopback, with TLS and STARTTLS, without root's rights."""

from __future__ import annotations

import contextlib
import grp
import imaplib
import itertools
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.connectors.email.certificates import Certificates
from tests.support.cluster import quick_folder
from tests.support.patience import PATIENCE_S
from tests.support.programs import required_program
from tests.support.server import free_port, wait_until

USER, PASSWORD = "alice@example.org", "pässwort with spaces"
VERSION_2_3 = """
mail_location = maildir:{folder}/mail/%u
ssl_cert = <{certificate}
ssl_key = <{key}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home
}}
"""
VERSION_2_4 = """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
mail_driver = maildir
mail_path = {folder}/mail/%{{user}}
ssl_server_cert_file = {certificate}
ssl_server_key_file = {key}
passdb passwd-file {{
  passwd_file_path = {folder}/users
}}
userdb static {{
  fields {{
    uid = {user}
    gid = {group}
    home = {folder}/home
  }}
}}
"""
EVERY_VERSION = """
base_dir = {folder}/base
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = required
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 100
auth_failure_delay = 0
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Entwürfe {{
    auto = subscribe
    special_use = \\Drafts
  }}
  mailbox Gesendet {{
    auto = subscribe
    special_use = \\Sent
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {starttls_port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """One server with one mailbox."""

    def __init__(self) -> None:
        self._program = required_program("dovecot")
        self.folder = Path(tempfile.mkdtemp(prefix="pisov-imap-", dir=quick_folder()))
        self.certificates = Certificates(self.folder)
        self.tls_port, self.starttls_port = free_port(), free_port()
        self._account = _account()
        self._numbers = itertools.count()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Dovecot:
        (self.folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n")
        (self.folder / "dovecot.conf").write_text(self._configuration())
        user, group = self._account
        for path in (self.folder, *self.folder.rglob("*")):
            shutil.chown(path, user, group)
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        user, group = self._account
        drop: dict[str, Any] = {}
        if os.getuid() == 0:
            drop = {"user": user, "group": group, "extra_groups": []}
        self._process = subprocess.Popen(
            [self._program, "-F", "-c", str(self.folder / "dovecot.conf")],
            cwd="/",
            **drop,
        )
        wait_until(self._answers, PATIENCE_S, "Dovecot's start")

    def stop(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(PATIENCE_S)

    def log(self) -> str:
        return (self.folder / "dovecot.log").read_text(errors="replace")

    @contextlib.contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        """Another program that looks into the mailbox, and may change it."""
        connection = imaplib.IMAP4_SSL(
            "localhost", self.tls_port, ssl_context=_trusting(self.certificates), timeout=PATIENCE_S
        )
        connection.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        try:
            yield connection
        finally:
            connection.logout()

    def put(self, *mails: bytes | EmailMessage, folder: str = "INBOX", flags: str = "") -> None:
        """Store mails; a bytes one as it is, not a line end changed."""
        with self.client() as client:
            for mail in mails:
                data = mail if isinstance(mail, bytes) else mail.as_bytes()
                typed, said = client.append(folder, flags, "", data)
                assert typed == "OK", said

    def put_file(self, mail: bytes, flags: str = "") -> None:
        """Store a mail behind the server's back, as one that came in; any bytes will do."""
        maildir = self.folder / "mail" / USER
        name = f"{time.time():.6f}.{next(self._numbers)}.test:2,{flags}"
        temporary = maildir / "tmp" / name
        temporary.write_bytes(mail)
        shutil.chown(temporary, *self._account)
        temporary.rename(maildir / "cur" / name)

    def clear(self) -> None:
        """Empty every folder."""
        with self.client() as client:
            for folder in self.folders():
                _, count = client.select(folder)
                if count != [b"0"]:
                    client.store("1:*", "+FLAGS", r"\Deleted")
                    client.expunge()

    def folders(self) -> list[str]:
        return ["INBOX", "Gesendet", "Entw&APw-rfe"]

    def mails(self, folder: str = "INBOX") -> list[tuple[str, bytes]]:
        """Flags and bytes of every mail, the oldest first."""
        with self.client() as client:
            _, selected = client.select(folder, readonly=True)
            if selected[0] == b"0":
                return []
            _, rows = client.fetch("1:*", "(FLAGS BODY.PEEK[])")
            pairs = [row for row in rows if isinstance(row, tuple)]
            return [
                (head.decode().partition("FLAGS (")[2].partition(")")[0], d) for head, d in pairs
            ]

    def _configuration(self) -> str:
        version = subprocess.run(
            [self._program, "--version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE_S,
        ).stdout
        template = VERSION_2_3 if version.startswith("2.3") else VERSION_2_4
        user, group = self._account
        return (template + EVERY_VERSION).format(
            folder=self.folder,
            certificate=self.certificates.chain,
            key=self.certificates.key,
            user=user,
            group=group,
            tls_port=self.tls_port,
            starttls_port=self.starttls_port,
        )

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log()
        try:
            with socket.create_connection(("127.0.0.1", self.starttls_port), 1) as probe:
                return probe.recv(4) == b"* OK"
        except OSError:
            return False


def _account() -> tuple[str, str]:
    """Who it runs as: we, or nobody in place of root."""
    if os.getuid() == 0:
        return "nobody", grp.getgrgid(pwd.getpwnam("nobody").pw_gid).gr_name
    return pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name


def _trusting(certificates: Certificates) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificates.ca)
