"""Reading sentences: what their words and times say, whatever is asked for with them.

`forms` compares sentences with those of a language's data files, `times` finds and resolves phrases
about time, `requests` cuts them out, and `partial_commands` are commands in the making, for which
actions say how their arguments are read. Nothing here knows a command.
"""

__all__ = [
    "clause_boundaries",
    "forms",
    "message",
    "moments",
    "named_things",
    "partial_commands",
    "patterns",
    "relative_times",
    "requests",
    "spelling",
    "time_fragments",
    "times.ambiguity",
    "times.expressions",
    "times.finder",
    "times.patterns",
    "times.resolution",
    "titles",
    "utterance",
    "vocabulary",
]
