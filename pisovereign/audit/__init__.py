"""The audit log: requests, decisions and executions, written once and never changed.

`service` adds entries, lists them and verifies them; `types` are what the routes give;
`pruning` says how much of a log is kept.
"""

__all__ = ["pruning", "service", "types"]
