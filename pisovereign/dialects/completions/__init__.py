"""What the dialects of other programs share: answers that nothing is stored or remembered of.

`answering` asks the engine, and `vectors` shortens those of texts.
"""
