"""Servers of the Model Context Protocol: their tools, and calling them.

`types` is what others may import: servers, tools and answers; `session` is one conversation with a
server, whose protocol the SDK speaks over `http_transport` (the one way out) or `program_transport`
(a program that the runner executes); `sessions` are all that are open, each a `kept_session`, and
load the SDK, by way of `opening`, once the first one is needed.
"""
