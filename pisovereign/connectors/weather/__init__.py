"""The weather, from Open-Meteo or another server that speaks its API.

`types` is what others may import: the weather as it is given, and the protocol of its source.
"""
