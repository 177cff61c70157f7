"""Tools that a language model may call while it answers, and the rounds in which it does.

`types` says what a tool and a provider of tools are; `grounding` what the arguments of calls rest
on; `actions` offers the registry's actions,
`toolbox` is all that is offered, and `loop` asks the model and calls tools until it has answered.
"""

__all__ = ["actions", "grounding", "loop", "toolbox", "types"]
