"""OpenAI's API beside our own, for clients that exist: a base URL and a key are enough.

`service` carries out requests, `answering` reads text and calls of tools in what the model writes,
`tools` and `tool_schemas` hold it to the form of a call, and `replies` writes OpenAI's form.
"""

__all__ = ["types"]
