"""The one way out: what decides where a connection may go, and the client that makes it."""

__all__ = ["breakers", "client", "gate", "outbound", "reply", "tls"]
