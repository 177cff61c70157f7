"""Tool servers: programs and services elsewhere whose tools a model may be offered.

They speak the Model Context Protocol (`connectors/mcp`). `service` is what people do with them:
add, try, and allow tools, by the `rules` and as `cards` show them; `known` is which servers
somebody has, `pins` compares tools with those that were allowed, `offers` is what a model gets of
them, and `calls` carries calls out.
"""

__all__ = ["calls", "known", "offers", "routes", "service", "store", "types"]
