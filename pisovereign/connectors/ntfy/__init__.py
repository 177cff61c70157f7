"""Notifications through a server of ntfy's kind."""
