"""The weights of the intent model, as they are stored (`intents.msgpack`)."""

from __future__ import annotations

from array import array
from pathlib import Path

import msgspec

FORMAT = 1
_FILE = Path(__file__).parent / "intents.msgpack"


class Matrix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of signed bytes, each with the number that a byte of it stands for.

    Attributes:
        width: Values of a row.
        values: The bytes, row after row.
        scales: One for each row.
    """

    width: int
    values: bytes
    scales: list[float]

    def row(self, number: int) -> array[float]:
        """Return a row as floats."""
        integers = array("b", self.values[number * self.width : (number + 1) * self.width])
        scale = self.scales[number]
        return array("f", [value * scale for value in integers])


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A network of one hidden layer over the vectors of one or more encoders.

    Attributes:
        format: `FORMAT`.
        intents: The intent that each output stands for; several may stand for the same.
        inputs: What each encoder adds to the hidden layer, by the id of its model.
        languages: The only language of an encoder that knows no other, by the id of its model.
        hidden: The bias of each hidden unit.
        outputs: What the hidden units add to each output.
        bias: The bias of each output.
        temperature: What outputs are divided by, so that their shares are as often right as they
            say.
    """

    format: int
    intents: list[str]
    inputs: dict[str, Matrix]
    languages: dict[str, str]
    hidden: list[float]
    outputs: Matrix
    bias: list[float]
    temperature: float


def load_weights(path: Path = _FILE) -> Weights:
    """Return the weights that come with the program.

    Raises:
        ValueError: The file is of another format.
    """
    weights = msgspec.msgpack.decode(path.read_bytes(), type=Weights)
    if weights.format != FORMAT:
        raise ValueError(f"{path.name} has format {weights.format}, not {FORMAT}")
    return weights
