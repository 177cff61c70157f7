"""Finding the settings with which a model computes fastest on this board.

What is fastest differs by board, model and length of context, so it is measured: `python -m
pisovereign.engine.tuning` is a process that tries settings on a short, realistic mix of work
(`workload`), and prints one JSON document. `search` decides what to try and what wins, and knows no
clock and no model; `meter` is a process that takes the times with the model; `quiet_samples` waits
for moments in which nobody else computes, and `doubts` says where there were too few of them.
"""
