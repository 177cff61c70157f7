"""Client of the engine, or of any OpenAI-compatible server in its place.

`client` asks and gives `answer_events`, `types` is the wire format that the engine process shares,
`encoder` makes vectors of texts, `answer_cache` keeps answers that would be the same again, `meter`
watches an answer as it comes, `tool_schemas` says what a model can be held to, `arguments` reads
those of calls, `metrics` counts, `switching` asks for another model, and `linear_head` tells how
likely something is true of a text by its vector.
"""

__all__ = [
    "answer_cache",
    "answer_events",
    "arguments",
    "client",
    "encoder",
    "encoder_set",
    "linear_head",
    "meter",
    "metrics",
    "switching",
    "tool_schemas",
    "types",
]
