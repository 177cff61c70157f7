"""Wheels for the Raspberry Pi, made on any machine.

lock.py      which packages, by version and hash, and fetching them
ours.py      our own package, its extension cross-compiled
llama.py     llama-cpp-python, cross-compiled for every processor at once
packing.py   wheels whose bytes only hang on what is in them
trial.py     real tokens on emulated processors
"""
