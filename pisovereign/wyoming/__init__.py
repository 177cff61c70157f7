"""Answers to voice assistants over Wyoming, to addresses that are allowed to ask."""

__all__: list[str] = []
