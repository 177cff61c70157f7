"""Finding the settings with which a model computes fastest on this board.

What is fastest differs by board, model and length of context, so it is measured: `python -m
pisovereign.engine.tuning` is a process that loads the model, tries settings on a short, realistic
mix of work (`mix`), and prints one JSON document. `search` decides what to try and what wins, and
knows no clock and no model; `measure` takes the times.
"""
