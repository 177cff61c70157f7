"""The one way to other servers: what decides where a connection may go, and what makes it.

`outbound` builds it all from the configuration: the `gate` (which hosts and addresses may be
contacted), `breakers` (a pause for hosts that fail), `tls`, the HTTP `client` with its `reply`,
and `websocket`.
"""

__all__ = ["breakers", "client", "gate", "outbound", "reach", "reply", "tcp", "tls", "websocket"]
