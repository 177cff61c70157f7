"""The engine process: llama.cpp and ONNX Runtime behind OpenAI's HTTP API on a UNIX socket.

It alone loads native model code, and knows no configuration, network, database, key or user file:
everything comes as arguments. `main` is the program, `process` composes it, `server` is its HTTP
interface, `scheduler` decides what is computed next, `worker` computes it, and `tuning` is a
program that finds the fastest settings. The wire types are those of `engine_client`.

Offered to the supervisor, which starts it: the settings with their arguments, what this machine is
and how much memory it has left, how much a model needs, whether its template can be used, the
status with which it ends, and the document that tuning prints. `schemas.reading` says which schemas
a model can be held to.
"""

__all__ = [
    "compute_settings",
    "errors",
    "machine",
    "memory",
    "memory_need",
    "schemas.reading",
    "template_check",
    "tuning.disturbance",
    "tuning.explain",
    "tuning.report",
    "tuning.search",
    "tuning.trials",
    "tuning.workload",
]
