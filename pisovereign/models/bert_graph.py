"""The ONNX graph of a BERT encoder, built from its published weights without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from pisovereign.models.graph_builder import GraphBuilder

MASKED = -10000.0  # e to its power is zero in float32, and it never overflows when added

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class BertShape:
    """The sizes of an encoder; the defaults are those of all-MiniLM-L6-v2."""

    layers: int = 6
    heads: int = 12
    hidden: int = 384
    epsilon: float = 1e-12

    @property
    def head_size(self) -> int:
        """Return width of one attention head."""
        return self.hidden // self.heads


def build_graph(weights: Weights, shape: BertShape) -> onnx.ModelProto:
    """Build the encoder from `weights`, named as in the published checkpoint.

    Inputs are `input_ids`, `attention_mask` and `token_type_ids`, int64 [batch, tokens]; the
    output is `last_hidden_state`, float32 [batch, tokens, hidden]. The same weights always give
    the same bytes. Raises KeyError when a weight is missing.
    """
    builder = _Builder(weights, shape)
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    output = helper.make_tensor_value_info(
        "last_hidden_state", TensorProto.FLOAT, ["batch", "tokens", shape.hidden]
    )
    builder.encoder()
    model = builder.model("bert", inputs, [output])
    onnx.checker.check_model(model, full_check=True)
    return model


class _Builder(GraphBuilder):
    """The encoder's parts."""

    def __init__(self, weights: Weights, shape: BertShape) -> None:
        super().__init__()
        self.weights = weights
        self.shape = shape

    def encoder(self) -> None:
        """Add the whole encoder, from the inputs to `last_hidden_state`."""
        mask = self._mask()
        states = self._embeddings()
        for index in range(self.shape.layers):
            last = index == self.shape.layers - 1
            name = f"encoder.layer.{index}"
            attended = self._attention(states, mask, f"{name}.attention")
            states = self._norm(
                self.op("Sum", [attended, states], f"{name}.attention.residual"),
                f"{name}.attention.output.LayerNorm",
            )
            grown = self.op(
                "Gelu", [self._dense(states, f"{name}.intermediate.dense")], f"{name}.gelu"
            )
            shrunk = self._dense(grown, f"{name}.output.dense")
            states = self._norm(
                self.op("Sum", [shrunk, states], f"{name}.residual"),
                f"{name}.output.LayerNorm",
                output="last_hidden_state" if last else None,
            )

    def _mask(self) -> str:
        """Turn 1 and 0 of [batch, tokens] into 0 and MASKED of [batch, 1, 1, tokens]."""
        axes = self.constant("mask.axes", np.array([1, 2], np.int64))
        wide = self.op("Unsqueeze", ["attention_mask", axes], "mask.wide")
        real = self.op("Cast", [wide], "mask.float", to=TensorProto.FLOAT)
        one = self.constant("mask.one", np.array(1.0, np.float32))
        masked = self.constant("mask.value", np.array(MASKED, np.float32))
        return self.op("Mul", [self.op("Sub", [one, real], "mask.gap"), masked], "mask")

    def _embeddings(self) -> str:
        words = self._lookup("word_embeddings", "input_ids")
        kinds = self._lookup("token_type_embeddings", "token_type_ids")
        summed = self.op("Add", [words, kinds], "embeddings.words_and_kinds")
        # Positions are always 0, 1, 2, ...: the first rows of the table, for every text alike.
        length = self.op("Shape", ["input_ids"], "embeddings.length", start=1, end=2)
        zero = self.constant("embeddings.zero", np.array([0], np.int64))
        table = self._weight("embeddings.position_embeddings.weight")
        positions = self.op("Slice", [table, zero, length, zero], "embeddings.positions")
        return self._norm(
            self.op("Add", [summed, positions], "embeddings.sum"), "embeddings.LayerNorm"
        )

    def _attention(self, states: str, mask: str, name: str) -> str:
        """Add multi-head attention; query, key and value share one product, quantized once."""
        head = self.shape.head_size
        parts = ("query", "key", "value")
        # The scale of the scores moves into the query's weights: one operator less per layer.
        scales = (np.float32(head**-0.5), np.float32(1.0), np.float32(1.0))
        kernels = [
            self.weights[f"{name}.self.{part}.weight"].T * scale
            for part, scale in zip(parts, scales, strict=True)
        ]
        biases = [
            self.weights[f"{name}.self.{part}.bias"] * scale
            for part, scale in zip(parts, scales, strict=True)
        ]
        joined = self._affine(
            states, np.concatenate(kernels, axis=1), np.concatenate(biases), f"{name}.self.qkv"
        )
        split = [f"{name}.self.{part}" for part in parts]
        self.nodes.append(
            helper.make_node("Split", [joined], split, name=f"{name}.split", axis=2, num_outputs=3)
        )
        query = self._heads(split[0], [0, 2, 1, 3])
        key = self._heads(split[1], [0, 2, 3, 1])
        value = self._heads(split[2], [0, 2, 1, 3])
        scores = self.op("MatMul", [query, key], f"{name}.scores")
        masked = self.op("Add", [scores, mask], f"{name}.masked")
        chances = self.op("Softmax", [masked], f"{name}.softmax", axis=-1)
        mixed = self.op("MatMul", [chances, value], f"{name}.mixed")
        rows = self.op("Transpose", [mixed], f"{name}.rows", perm=[0, 2, 1, 3])
        merged = self.constant(f"{name}.width", np.array([0, 0, self.shape.hidden], np.int64))
        context = self.op("Reshape", [rows, merged], f"{name}.context")
        return self._dense(context, f"{name}.output.dense")

    def _heads(self, states: str, order: list[int]) -> str:
        """Split [batch, tokens, hidden] into [batch, tokens, heads, size], reordered by `order`."""
        sizes = np.array([0, 0, self.shape.heads, self.shape.head_size], np.int64)
        shaped = self.op(
            "Reshape", [states, self.constant(f"{states}.sizes", sizes)], f"{states}.shaped"
        )
        return self.op("Transpose", [shaped], f"{states}.heads", perm=order)

    def _dense(self, states: str, name: str) -> str:
        return self._affine(
            states, self.weights[f"{name}.weight"].T, self.weights[f"{name}.bias"], name
        )

    def _affine(
        self, states: str, kernel: NDArray[np.float32], bias: NDArray[np.float32], name: str
    ) -> str:
        product = self.op(
            "MatMul", [states, self.constant(f"{name}.kernel", kernel)], f"{name}.product"
        )
        return self.op("Add", [product, self.constant(f"{name}.bias", bias)], f"{name}.sum")

    def _norm(self, states: str, name: str, output: str | None = None) -> str:
        inputs = [states, self._weight(f"{name}.weight"), self._weight(f"{name}.bias")]
        return self.op(
            "LayerNormalization", inputs, output or name, axis=-1, epsilon=self.shape.epsilon
        )

    def _lookup(self, table: str, ids: str) -> str:
        name = f"embeddings.{table}"
        return self.op("Gather", [self._weight(f"{name}.weight"), ids], name, axis=0)

    def _weight(self, name: str) -> str:
        return self.constant(name, self.weights[name])
