"""Admission of work: turns of requests that compute, fair queues, counted attempts."""

__all__ = ["chunked_work", "fair_limiter", "fair_queue", "fixed_window_counter"]
