"""The common part of other programs' dialects: answers that nothing is stored or remembered of.

`answering` asks the engine, and `vectors` shortens those of texts.
"""
