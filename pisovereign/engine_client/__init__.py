"""The way to the engine, or to any OpenAI-compatible server in its place."""

__all__ = ["answer_cache", "client", "encoder", "types"]
