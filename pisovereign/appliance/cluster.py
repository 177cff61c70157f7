"""The database cluster, made on the device."""

from __future__ import annotations

from pathlib import Path

from pisovereign.storage.embedded.account import service_account
from pisovereign.storage.embedded.binaries import available, choose
from pisovereign.storage.embedded.cluster import create_cluster
from pisovereign.storage.embedded.copies import usable_binaries
from pisovereign.storage.embedded.layout import SHARED, Layout


def ensure_cluster(home: Path) -> None:
    """Make `home/cluster` if there is none; it appears whole or not at all.

    To be run as the account that the server is to run as. Logins are by the account that connects.

    Raises:
        StartError: it cannot be made.
    """
    cluster = home / "cluster"
    if cluster.exists():
        return
    account = service_account(cluster)
    binaries = usable_binaries(choose(available(), None, cluster), account, SHARED)
    layout = Layout(account, cluster, home / "socket", home / "postgres.log", None)
    create_cluster(binaries, layout, auth="peer")
