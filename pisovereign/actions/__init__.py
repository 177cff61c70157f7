"""Actions: what the assistant can be asked to do, one module for each.

`registry` lists their descriptions and `types` what they are asked for with; `service` checks them,
carries them out, or asks for the approval that they need. `home_services` says what can be done
with what in a house, and `home_state` what can be asked.
"""

__all__ = [
    "caller",
    "computable",
    "home_services",
    "home_state",
    "intent",
    "messages",
    "registry",
    "service",
    "spec",
    "types",
]
