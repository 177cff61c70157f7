"""A model of one's own answers like any other, by the template in its file."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pisovereign.models.adding import Adder
from pisovereign.models.staging import Wish
from pisovereign.models.store import ModelStore
from tests.support.server import ADMIN_KEY, TWO_USERS, Server

EMBEDDINGS = ("all-minilm-l6-v2", "use-multilingual")


def test_an_added_model_answers(data_dir: Path, models_dir: Path) -> None:
    root = data_dir / "models"
    for name in EMBEDDINGS:
        (root / name).mkdir(parents=True)
        for path in (models_dir / name).iterdir():
            (root / name / path.name).symlink_to(path)
    file = models_dir / "smollm2-135m-instruct" / "model.gguf"
    model = asyncio.run(Adder(ModelStore(root), 8 << 30).add_file(file, Wish(model_id="mine")))
    assert model.template is None
    server = Server(data_dir, root, TWO_USERS, PISOVEREIGN_INFERENCE__MODEL="mine")
    try:
        server.start()
        answer = server.chat("What is the capital of France?", max_tokens=8)
        assert answer.status_code == 200, answer.text
        assert answer.json()["model"] == "mine"
        assert answer.json()["content"]
        (listed,) = server.request("GET", "/v1/system/models", key=ADMIN_KEY).json()["models"]
        assert (listed["name"], listed["parameters"]) == (model.name, model.parameters)
        removed = server.request("DELETE", "/v1/system/models/mine", key=ADMIN_KEY)
        assert removed.status_code == 409
    finally:
        server.remove()
