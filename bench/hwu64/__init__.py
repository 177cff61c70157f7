"""How well orders of the public set HWU64 are read by a model that never saw them."""
