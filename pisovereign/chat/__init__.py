"""Chat: from a user's message to the stored answer, the same way for every route and channel.

`service` answers messages and lists conversations; `types` are what it takes and returns, and
`user_message` is what comes in.
"""

__all__ = ["conversations", "service", "types", "user_message"]
