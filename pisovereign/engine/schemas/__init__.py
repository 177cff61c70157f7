"""JSON schemas, as far as a grammar can hold a model to them.

`shapes` is what values a schema allows, `reading` makes shapes of schemas, `notation` writes
grammars of shapes, in JSON and in the other notations of models' calls.
"""
