"""Turning the published weights of the Universal Sentence Encoder into what the engine loads.

`model.onnx` computes in float32, `model-int8.onnx` its convolutions in 8 bits, and both read the
tokens' rows from `table.bin`. `unigram.bin` is the published SentencePiece model in a form that is
mapped into memory.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.quant_utils import add_pre_process_metadata

from pisovereign.models.staged_files import staged_files
from pisovereign.models.unigram_file import write_unigram_file
from pisovereign.models.use_graph import TABLE, TABLE_FILE, build_use_graph, embedding_table

FILES = ("model.onnx", "model-int8.onnx", TABLE_FILE, "unigram.bin")
SENTENCEPIECE = "sp.model"


def prepare_use(weights: Path, folder: Path) -> None:
    """Build all files in `folder` from `weights` and from the `sp.model` that is there.

    With the same weights and libraries the files are the same to the byte. They appear whole or not
    at all. Needs about 0.6 GB of memory and a few seconds. Raises KeyError when the weights lack an
    array.
    """
    arrays = dict(np.load(weights, allow_pickle=False))
    with staged_files(folder, FILES) as place:
        embedding_table(arrays).tofile(place / TABLE_FILE)
        exact = build_use_graph(arrays)
        (place / FILES[0]).write_bytes(exact.SerializeToString(deterministic=True))
        _write_quantized(build_use_graph(arrays, exact=False), place)
        write_unigram_file(folder / SENTENCEPIECE, place / "unigram.bin")


def _write_quantized(model: onnx.ModelProto, place: Path) -> None:
    """Quantize the convolutions, 9 of 10 operations; the dense layers lose more than they gain."""
    add_pre_process_metadata(model)
    plain = place / "plain.onnx"
    plain.write_bytes(model.SerializeToString(deterministic=True))
    products = [node.name for node in model.graph.node if node.op_type == "MatMul"]
    quantize_dynamic(
        plain,
        place / FILES[1],
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul"],
        nodes_to_exclude=[name for name in products if not name.startswith("w")],
    )
    made = onnx.load(place / FILES[1])
    (table,) = [tensor for tensor in made.graph.initializer if tensor.name == TABLE]
    # The quantizer took the table in; it stays beside the model.
    table.ClearField("raw_data")
    table.data_location = onnx.TensorProto.EXTERNAL
    table.external_data.add(key="location", value=TABLE_FILE)
    (place / FILES[1]).write_bytes(made.SerializeToString(deterministic=True))
