"""The APIs of others beside our own, for programs that know no other: OpenAI's and Ollama's.

`completions` is what they share: answers that nothing is stored or remembered of.
"""

__all__ = []
