"""Actions: what the assistant can be asked to do, one module for each.

`registry` lists their descriptions and `types` what they are asked for with; `service` checks them,
carries them out, or asks for the approval that they need.
"""

__all__ = ["caller", "computable", "messages", "registry", "service", "spec", "types"]
