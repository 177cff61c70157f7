"""OpenAI's API beside our own, for clients that exist: a base URL and a key are enough.

`service` carries out requests, which `requests` and `tool_schemas` turn into the engine's,
`answering` asks it, and `replies` writes OpenAI's form.
"""

__all__ = ["types"]
