"""Home Assistant: reading a house, and changing it, over its WebSocket API."""
