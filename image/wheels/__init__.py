"""Wheels for the Raspberry Pi, made on any machine.

lock.py             which packages, by version and hash, and fetching them
project_wheel.py    our own package, its extension cross-compiled
llama.py            llama-cpp-python, cross-compiled for every processor at once
wheel_files.py      wheels whose bytes depend only on what is in them
wheel_test.py       real tokens on emulated processors
"""
