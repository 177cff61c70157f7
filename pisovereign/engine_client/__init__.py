"""Client of the engine, or of any OpenAI-compatible server in its place.

`client` asks, `types` is the wire format that the engine process shares, `encoder` makes vectors of
texts, and `answer_cache` keeps answers that would be the same again.
"""

__all__ = ["answer_cache", "client", "encoder", "types"]
