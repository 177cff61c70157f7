"""The ONNX graph of the Universal Sentence Encoder Multilingual, from its published weights.

Each token's row of the table goes through three branches of convolutions over 2, 3 and 5 neighbors;
rows and branches are averaged over the sentence, and dense layers make 512 numbers of the average.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from pisovereign.models.graph_builder import GraphBuilder

TABLE = "table"
TABLE_FILE = "table.bin"
DIMENSIONS = 512
# How many neighbors each branch sees, and how many of them come before the token.
BRANCHES = ((2, 0), (3, 1), (5, 2))

Weights = Mapping[str, NDArray[Any]]


def embedding_table(weights: Weights) -> NDArray[np.uint8]:
    """Return the rows of all tokens, uint8 [tokens, 512]; the file deals them out in turn."""
    chunks = len(weights["scale"])
    return np.stack([weights[f"q{chunk + 1}"] for chunk in range(chunks)], axis=1).reshape(
        -1, DIMENSIONS
    )


def build_use_graph(weights: Weights, *, exact: bool = True) -> onnx.ModelProto:
    """Build the encoder from the published arrays; not `exact`: for 8-bit convolutions.

    Inputs are `input_ids` and `attention_mask`, int64 [batch, tokens]; the output is
    `sentence_embedding`, float32 [batch, 512] of unit length. The table is not in the model but
    expected beside it, in `table.bin`: it is mapped into memory, so that only rows that occur take
    any. The same weights always give the same bytes. Raises KeyError when an array is missing.
    """
    builder = _UseBuilder(weights, exact)
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    output = helper.make_tensor_value_info(
        "sentence_embedding", TensorProto.FLOAT, ["batch", DIMENSIONS]
    )
    builder.encoder()
    return builder.model("use", inputs, [output])


class _UseBuilder(GraphBuilder):
    """The encoder's parts."""

    def __init__(self, weights: Weights, exact: bool) -> None:
        super().__init__()
        self.weights = weights
        self.exact = exact
        self.epsilon = float(weights["eps"])

    def encoder(self) -> None:
        """Add the whole encoder, from the inputs to `sentence_embedding`."""
        last = self.constant("last_axis", np.array([2], np.int64))
        mask = self.op("Cast", ["attention_mask"], "mask.float", to=TensorProto.FLOAT)
        mask = self.op("Unsqueeze", [mask, last], "mask")
        stored, scale, low = self._stored_rows(last)
        rows = self.op("Cast", [stored], "rows.float", to=TensorProto.FLOAT)
        rows = self._restored(rows, scale, low, "rows")
        projected = self._projection(rows, stored, scale, low)
        gains, biases = (
            np.concatenate([self.weights[f"{kind}{size}"] for size, _ in BRANCHES])
            for kind in ("ln_g", "ln_b")
        )
        states = self._norm(projected, gains, biases, "branches")
        # Padding must look like the nothing before and after a sentence.
        states = self.op("Mul", [states, mask], "branches.masked")
        parts = [f"branch{size}" for size, _ in BRANCHES]
        self.nodes.append(
            helper.make_node("Split", [states], parts, name="split", axis=2, num_outputs=3)
        )
        grown = [
            self._branch(part, size, before, mask)
            for part, (size, before) in zip(parts, BRANCHES, strict=True)
        ]
        features = self.op("Concat", [rows, *grown], "features", axis=2)
        features = self._norm(features, self.weights["ln_g"], self.weights["ln_b"], "features.norm")
        self._dense_layers(self._average(features, mask))

    def _stored_rows(self, last: str) -> tuple[str, str, str]:
        """Look up the tokens' rows, and each one's scale and lowest value: its chunk's."""
        table = onnx.TensorProto(
            name=TABLE,
            data_type=TensorProto.UINT8,
            dims=table_shape(self.weights),
            data_location=TensorProto.EXTERNAL,
        )
        table.external_data.add(key="location", value=TABLE_FILE)
        self.constants.append(table)
        stored = self.op("Gather", [TABLE, "input_ids"], "rows.stored", axis=0)
        chunks = self.constant("chunks", np.array(len(self.weights["scale"]), np.int64))
        chunk = self.op("Mod", ["input_ids", chunks], "chunk")
        wide = []
        for part in ("scale", "lo"):
            values = self.op("Gather", [self.constant(part, self.weights[part]), chunk], f"{part}s")
            wide.append(self.op("Unsqueeze", [values, last], f"{part}s.wide"))
        return stored, wide[0], wide[1]

    def _restored(self, rows: str, scale: str, low: str, name: str) -> str:
        return self.op("Add", [self.op("Mul", [rows, scale], f"{name}.scaled"), low], name)

    def _projection(self, rows: str, stored: str, scale: str, low: str) -> str:
        """Project the rows for all branches at once.

        In 8 bits it is computed from the rows as they are stored, which loses nothing on their
        side. Rows made real first have outliers, which leave few steps for everything else: the
        lowest cosine to the exact vectors was 0.973 so, and is 0.9995.
        """
        kernel = np.concatenate([self.weights[f"proj{size}"] for size, _ in BRANCHES], axis=1)
        bias = np.concatenate([self.weights[f"proj_b{size}"] for size, _ in BRANCHES])
        if self.exact:
            return self._affine(rows, kernel, bias, "projection")
        scales = np.abs(kernel).max(axis=0) / 127
        rounded = np.rint(kernel / scales).astype(np.int8)
        product = self.op(
            "MatMulInteger", [stored, self.constant("projection.kernel", rounded)], "projection.int"
        )
        product = self.op("Cast", [product], "projection.float", to=TensorProto.FLOAT)
        steps = self.constant("projection.steps", scales.astype(np.float32))
        product = self.op("Mul", [product, steps], "projection.product")
        # What the lowest value adds to each column: of the rounded kernel, as most of it cancels.
        sums = (rounded.sum(axis=0, dtype=np.int64) * scales).astype(np.float32)
        total = self.constant("projection.total", sums)
        offset = self.op("Mul", [low, total], "projection.offset")
        product = self._restored(product, scale, offset, "projection.restored")
        return self.op("Add", [product, self.constant("projection.bias", bias)], "projection.sum")

    def _branch(self, states: str, size: int, before: int, mask: str) -> str:
        """Add two convolutions over `size` neighbors, each with a residual."""
        for layer in ("w1", "w2"):
            name = f"{layer}_{size}"
            window = self._window(states, size, before, name)
            bias = self.weights[f"{layer.replace('w', 'b')}_{size}"]
            made = self._affine(window, self.weights[name], bias, name)
            made = self.op("Relu", [made], f"{name}.relu")
            states = self.op("Add", [made, states], f"{name}.residual")
            states = self.op("Mul", [states, mask], f"{name}.masked")
        return states

    def _window(self, states: str, size: int, before: int, name: str) -> str:
        """Put each token's neighbors beside each other: [batch, tokens, size * width]."""
        after = size - 1 - before
        pads = self.constant(f"{name}.pads", np.array([before, after], np.int64))
        axis = self.constant(f"{name}.axis", np.array([1], np.int64))
        padded = self.op("Pad", [states, pads, "", axis], f"{name}.padded")
        shifted = []
        for start in range(size):
            first = self.constant(f"{name}.first{start}", np.array([start], np.int64))
            # The last start keeps everything; the others leave out as many rows at the end.
            end = start - size + 1 if start < size - 1 else np.iinfo(np.int64).max
            behind = self.constant(f"{name}.end{start}", np.array([end], np.int64))
            shifted.append(
                self.op("Slice", [padded, first, behind, axis], f"{name}.shifted{start}")
            )
        return self.op("Concat", shifted, f"{name}.window", axis=2)

    def _average(self, features: str, mask: str) -> str:
        """Sum over the tokens and divide by the root of their number, then project to 512.

        The projection is linear: after the sum it is computed once for each sentence.
        """
        axis = self.constant("tokens_axis", np.array([1], np.int64))
        masked = self.op("Mul", [features, mask], "features.masked")
        summed = self.op("ReduceSum", [masked, axis], "sum", keepdims=0)
        number = self.op("ReduceSum", [mask, axis], "number", keepdims=0)
        root = self.op("Sqrt", [number], "root")
        projected = self.op(
            "MatMul", [summed, self.constant("cnn_W", self.weights["cnn_W"])], "sum.projected"
        )
        bias = self.op("Mul", [number, self.constant("cnn_b", self.weights["cnn_b"])], "sum.bias")
        both = self.op("Add", [projected, bias], "sum.complete")
        return self.op("Div", [both, root], "average")

    def _dense_layers(self, average: str) -> None:
        first = self._relu_product(average, "d0")
        second = self.op(
            "Add", [self._product(average, "p1"), self._product(first, "d1")], "second"
        )
        second = self.op("Relu", [second], "second.relu")
        third = self._relu_product(second, "d2")
        result = self.op("Add", [self._product(second, "p3"), self._product(third, "d3")], "result")
        result = self.op("Tanh", [result], "result.tanh")
        self.op("LpNormalization", [result], "sentence_embedding", axis=1, p=2)

    def _relu_product(self, states: str, name: str) -> str:
        return self.op("Relu", [self._product(states, name)], f"{name}.relu")

    def _product(self, states: str, name: str) -> str:
        kernel = self.constant(name, self.weights[name])
        return self.op("MatMul", [states, kernel], f"{name}.product")

    def _affine(self, states: str, kernel: NDArray[Any], bias: NDArray[Any], name: str) -> str:
        product = self.op(
            "MatMul", [states, self.constant(f"{name}.kernel", kernel)], f"{name}.product"
        )
        return self.op("Add", [product, self.constant(f"{name}.bias", bias)], f"{name}.sum")

    def _norm(self, states: str, gain: NDArray[Any], bias: NDArray[Any], name: str) -> str:
        inputs = [
            states,
            self.constant(f"{name}.gain", gain),
            self.constant(f"{name}.offset", bias),
        ]
        return self.op("LayerNormalization", inputs, f"{name}.norm", axis=-1, epsilon=self.epsilon)


def table_shape(weights: Weights) -> tuple[int, int]:
    """Return the shape of `embedding_table`."""
    return len(weights["scale"]) * len(weights["q1"]), DIMENSIONS
