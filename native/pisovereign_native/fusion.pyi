from array import array
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Buffer

# An array.array or a memoryview of that type does as well; numpy is not needed at run time.
_Floats = Buffer | NDArray[np.float32]
_Ints = Buffer | NDArray[np.int32]
_Bytes = Buffer | NDArray[np.uint8]

NO_GROUP: int

def moments(values: _Floats, groups: _Bytes, count: int) -> list[tuple[int, float, float]]: ...
def blend(
    groups: _Bytes,
    cosines: Sequence[_Floats],
    slopes: _Floats,
    offsets: _Floats,
    weights: _Floats,
    penalties: _Floats,
    words: _Floats,
    before: _Ints,
    after: _Ints,
    word_weight: float,
    neighbor_share: float,
) -> array[float]: ...
def best(scores: _Floats, k: int, allowed: _Bytes) -> tuple[array[int], array[float]]: ...
