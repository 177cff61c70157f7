"""What a conversation is about, so that "and tomorrow?" and "cancel that" can be understood.

`service` says what a message means in its conversation; `store` keeps the state of each; `types` is
that state and what is to be done. `commands`, `handling`, `questions` and
`targets` turn both into commands and
words, and results into things that can be referred to.
"""

__all__ = ["commands", "handling", "questions", "service", "store", "targets", "types"]
