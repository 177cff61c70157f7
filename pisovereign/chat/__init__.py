"""Conversations: the one pipeline behind both chat routes."""
