"""The subject of a conversation, so that "and tomorrow?" and "cancel that" can be understood.

`service` says what a message means in its conversation; `store` keeps the state of each; `types` is
that state and what is to be done; `outcomes` is what is known after it. `commands`, `handling`,
`questions` and `targets` turn these into commands and words, and results into things that can be
referred to.
"""

__all__ = [
    "commands",
    "handling",
    "outcomes",
    "questions",
    "service",
    "store",
    "targets",
    "types",
]
