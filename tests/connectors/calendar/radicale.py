"""A real Radicale with TLS and a password, started on loopback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import requests
import trustme

from tests.support.patience import PATIENCE_S
from tests.support.server import free_port, wait_until

NAME, PASSWORD = "alice", "pass wörd & s3cret"


class Radicale:
    """One server with one account.

    Args:
        folder: where everything of it is.
        authority: signs its certificate.
        tls: without, for those who want to look at what is said.
    """

    def __init__(self, folder: Path, authority: trustme.CA, *, tls: bool = True) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"{'https' if tls else 'http'}://localhost:{self.port}/"
        self.ca_file = folder / "ca.pem"
        authority.cert_pem.write_to_path(self.ca_file)
        pem = folder / "server.pem"
        authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(pem)
        (folder / "users").write_text(f"{NAME}:{PASSWORD}\n", encoding="utf-8")
        (folder / "config").write_text(
            f"""
[server]
hosts = 127.0.0.1:{self.port}
ssl = {tls}
certificate = {pem}
key = {pem}
[auth]
type = htpasswd
htpasswd_filename = {folder / "users"}
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder / "collections"}
""",
            encoding="utf-8",
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Radicale:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "radicale", "--config", str(self.folder / "config")],
                stdout=log,
                stderr=log,
            )
        wait_until(self._answers, PATIENCE_S, "Radicale")
        return self

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(PATIENCE_S)

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def make_calendar(
        self, name: str, title: str | None = None, components: tuple[str, ...] = ("VEVENT",)
    ) -> str:
        """A new calendar; `name` is the last part of its address, which is returned."""
        kinds = "".join(f'<C:comp name="{each}"/>' for each in components)
        body = f"""<?xml version="1.0" encoding="utf-8"?>
<C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>
<displayname>{title or name}</displayname>
<C:supported-calendar-component-set>{kinds}</C:supported-calendar-component-set>
</prop></set></C:mkcalendar>"""
        self.request("MKCALENDAR", f"{NAME}/{name}/", data=body.encode()).raise_for_status()
        return f"{self.url}{NAME}/{name}/"

    def make_address_book(self, name: str, title: str | None = None) -> str:
        """A new address book, as `make_calendar` makes a calendar."""
        body = f"""<?xml version="1.0" encoding="utf-8"?>
<mkcol xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><set><prop>
<resourcetype><collection/><C:addressbook/></resourcetype>
<displayname>{title or name}</displayname></prop></set></mkcol>"""
        self.request("MKCOL", f"{NAME}/{name}/", data=body.encode()).raise_for_status()
        return f"{self.url}{NAME}/{name}/"

    def add_card(self, book: str, name: str, text: str) -> None:
        """Store a card as a program for contacts would, in the place of one that is there."""
        headers = {"Content-Type": "text/vcard; charset=utf-8"}
        path = f"{NAME}/{book}/{name}.vcf"
        self.request("PUT", path, data=text.encode(), headers=headers).raise_for_status()

    def add(self, calendar: str, name: str, text: str) -> None:
        """Store an object as a calendar program would."""
        path = f"{NAME}/{calendar}/{name}.ics"
        headers = {"Content-Type": "text/calendar; charset=utf-8"}
        answer = self.request("PUT", path, data=text.encode(), headers=headers)
        assert answer.status_code == 201, answer.text

    def inside(self, calendar: str) -> Path:
        """The folder in which the server keeps a calendar."""
        return self.folder / "collections" / "collection-root" / NAME / calendar

    def object_path(self, calendar: str, uid: str) -> Path:
        """Where the server keeps an event that was created with this identity."""
        return self.inside(calendar) / f"{uid}.ics"

    def object_text(self, calendar: str, name: str) -> str:
        """The text of one object."""
        return (self.inside(calendar) / f"{name}.ics").read_bytes().decode()

    def objects(self, calendar: str) -> list[str]:
        """The text of everything in a calendar."""
        return [path.read_bytes().decode() for path in self.inside(calendar).glob("*.ics")]

    def empty(self, calendar: str) -> None:
        """Delete everything in a calendar, as a calendar program would."""
        for path in self.inside(calendar).glob("*.ics"):
            self.request("DELETE", f"{NAME}/{calendar}/{path.name}").raise_for_status()

    def remove(self, collection: str) -> None:
        """Delete a calendar or an address book."""
        self.request("DELETE", f"{NAME}/{collection}/").raise_for_status()

    def request(self, method: str, path: str, **options: object) -> requests.Response:
        return requests.request(
            method,
            self.url + path,
            auth=(NAME.encode(), PASSWORD.encode()),  # type: ignore[arg-type]
            verify=str(self.ca_file),
            timeout=PATIENCE_S,
            **options,  # type: ignore[arg-type]
        )

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log()
        try:
            return self.request("OPTIONS", "").status_code == 200
        except requests.RequestException:
            return False
