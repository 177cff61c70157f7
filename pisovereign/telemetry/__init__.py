"""Metrics that every part may need: the folder that workers share, requests, and how work ended."""

__all__ = ["http_metrics", "multiprocess", "recent_log", "timed_status"]
