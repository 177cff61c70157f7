from array import array

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Buffer

# An array.array or a memoryview of that type does as well; numpy is not needed at run time.
_Floats = Buffer | NDArray[np.float32]
_Ints = Buffer | NDArray[np.int32]
_Terms = Buffer | NDArray[np.int64]
_Mask = Buffer | NDArray[np.uint8]

class LexicalIndex:
    def __init__(self, k1: float = 1.2, b: float = 0.75) -> None: ...
    def __len__(self) -> int: ...
    @property
    def rows(self) -> int: ...
    @property
    def nbytes(self) -> int: ...
    def put(self, row: int, terms: _Terms, counts: _Ints, length: int) -> None: ...
    def remove(self, row: int) -> None: ...
    def compact(self) -> None: ...
    def search(
        self,
        terms: _Terms,
        k: int,
        weights: _Floats | None = None,
        allowed: _Mask | None = None,
    ) -> tuple[array[int], array[float]]: ...
    def all_scores(self, terms: _Terms, weights: _Floats | None = None) -> array[float]: ...
