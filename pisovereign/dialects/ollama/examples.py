"""The examples of the routes."""

from __future__ import annotations

import json
from typing import Any

_DETAILS = {
    "format": "gguf",
    "family": "smollm2",
    "families": ["smollm2"],
    "parameter_size": "135M",
    "quantization_level": "",
    "parent_model": "",
}
_CHECKSUM = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_NAMED = {"name": "smollm2-135m-instruct:latest", "model": "smollm2-135m-instruct:latest"}
_MODEL: dict[str, Any] = {
    **_NAMED,
    "modified_at": "2026-11-02T18:20:05+00:00",
    "size": 98_362_432,
    "digest": _CHECKSUM,
    "details": _DETAILS,
}


def _embedding_model(name: str, size: int, family: str, digest: str) -> dict[str, Any]:
    tagged = f"{name}:latest"
    details = {"format": "onnx", "family": family, "families": [family], "parameter_size": "22M"}
    return _MODEL | {
        "name": tagged,
        "model": tagged,
        "size": size,
        "digest": digest,
        "details": _DETAILS | details,
    }


INSTALLED = [
    _MODEL,
    _embedding_model("all-minilm-l6-v2", 91_333_496, "all", "53aa51172d142c89" * 4),
    _embedding_model("use-multilingual", 349_600_000, "use", "9a5f0d1c7b3e2468" * 4),
]
RUNNING = {
    **_NAMED,
    "size": 240_000_000,
    "digest": _CHECKSUM,
    "details": _DETAILS,
    "expires_at": "2300-01-01T00:00:00Z",
    "size_vram": 0,
    "context_length": 8192,
}
SHOWN = {
    "license": "Apache-2.0",
    "modelfile": "FROM smollm2-135m-instruct:latest",
    "parameters": "",
    "template": "",
    "details": _DETAILS,
    "model_info": {
        "general.architecture": "smollm2",
        "general.basename": "SmolLM2 135M Instruct",
        "smollm2.context_length": 8192,
    },
    "capabilities": ["completion", "tools"],
    "modified_at": "2026-11-02T18:20:05+00:00",
}
CHAT = {
    "model": "smollm2-135m-instruct",
    "messages": [{"role": "user", "content": "Say hello."}],
    "options": {"num_predict": 20},
}
_HEAD = {"model": "smollm2-135m-instruct", "created_at": "2026-11-28T09:30:00.120394Z"}
_END = {
    "done": True,
    "done_reason": "stop",
    "total_duration": 412_880_102,
    "load_duration": 0,
    "prompt_eval_count": 12,
    "prompt_eval_duration": 201_332_114,
    "eval_count": 3,
    "eval_duration": 211_547_988,
}
CHAT_END = json.dumps(_HEAD | _END | {"message": {"role": "assistant", "content": ""}}) + "\n"
GENERATE = {
    "model": "smollm2-135m-instruct",
    "prompt": "Say hello.",
    "options": {"num_predict": 20},
}
GENERATE_END = json.dumps(_HEAD | _END | {"response": ""}) + "\n"
EMBEDDINGS = {
    "model": "all-minilm-l6-v2",
    "embeddings": [[0.011, -0.042]],
    "total_duration": 14_143_917,
    "load_duration": 0,
    "prompt_eval_count": 4,
}
