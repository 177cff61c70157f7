"""How many files and connections this process may have open."""

from __future__ import annotations

import resource


def allow_open_files(count: int) -> None:
    """Raise the soft limit, which is often 1024, to `count`, as far as the hard one permits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
