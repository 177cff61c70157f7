"""Turning published weights into what the engine loads; `RECIPES` are named in the manifest.

Of all-MiniLM-L6-v2 two graphs come out: `model.onnx` in float32, the reference, and
`model-int8.onnx` with weights quantized per channel and activations quantized at run time: a
quarter of the size, about three times as fast. Per channel, because one scale for a whole tensor
costs five times the accuracy.
"""

from __future__ import annotations

import sys
from pathlib import Path

from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.quant_utils import add_pre_process_metadata
from safetensors.numpy import load_file

from pisovereign.models.bert_graph import BertShape, build_graph
from pisovereign.models.prepare_use import prepare_use
from pisovereign.models.staged_files import staged_files

REFERENCE = "model.onnx"
QUANTIZED = "model-int8.onnx"


def prepare_embedding(weights: Path, folder: Path, shape: BertShape | None = None) -> None:
    """Build `model.onnx` and `model-int8.onnx` in `folder` from a safetensors file.

    With the same weights and libraries the files are the same to the byte. Both appear whole or
    not at all. Needs about 0.7 GB of memory and a few seconds. Raises KeyError when the
    checkpoint lacks a weight.
    """
    with staged_files(folder, (REFERENCE, QUANTIZED)) as place:
        _write_graphs(weights, place, shape or BertShape())


def _write_graphs(weights: Path, place: Path, shape: BertShape) -> None:
    model = build_graph(load_file(weights), shape)
    (place / REFERENCE).write_bytes(model.SerializeToString(deterministic=True))
    # The quantizer asks for its own optimizing pass first; a graph this plain has no use for it.
    add_pre_process_metadata(model)
    plain = place / "plain.onnx"
    plain.write_bytes(model.SerializeToString(deterministic=True))
    quantize_dynamic(plain, place / QUANTIZED, per_channel=True, weight_type=QuantType.QInt8)


RECIPES = {"bert-1": prepare_embedding, "use-1": prepare_use}


def main() -> None:
    """Follow the recipe named first, with the weights file and for the folder named then."""
    recipe, weights, folder = sys.argv[1:]
    RECIPES[recipe](Path(weights), Path(folder))


if __name__ == "__main__":
    main()
