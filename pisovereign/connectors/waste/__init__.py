"""The waste collection of the household, from the calendar that its service publishes.

`types` is what others may import: a collection, and the protocol of their source.
"""
