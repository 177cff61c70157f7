"""The model process: llama.cpp and ONNX Runtime behind OpenAI's HTTP API on a UNIX socket.

Two sides that never import each other:

- the process itself (`main`, `server`, `worker`, `scheduler`, `llama`, `embedder`), which alone
  loads native model code and knows no network, database, key or user file;
- the client (`client`, `sse`, `client_errors`), which the API process uses and which works with any
  OpenAI-compatible server.

Both share only the wire forms in `types`.
"""

__all__ = [
    "compute",
    "compute_args",
    "memory",
    "tuning.board",
    "tuning.explain",
    "tuning.report",
    "tuning.search",
    "tuning.trials",
    "tuning.workload",
    "tuning.workload_mix",
]
