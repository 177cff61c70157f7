"""The programs `pisovereign` (`serve`) and `pisovereign-cli` (`main`).

Nothing imports this package: entry points and the supervisor start its modules.
"""

__all__: list[str] = []
