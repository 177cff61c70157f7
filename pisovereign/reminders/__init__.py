"""Reminders: kept until their time comes, then told once."""
