"""Webhooks: what other services tell us of their own accord."""

__all__ = []
