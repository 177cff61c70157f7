"""What the dialects of other programs share: answers that nothing is stored or remembered of.

`answering` asks the engine, `tool_schemas` says what a model can be held to, and `vectors` shortens
those of texts.
"""

__all__ = ["answering", "tool_schemas", "vectors"]
