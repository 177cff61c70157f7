import numpy as np
from numpy.typing import NDArray

PENALTY_WINDOW: int

def kernels() -> tuple[str, ...]: ...
def uniform(seed: int, number: int, lane: int) -> float: ...

class TokenSampler:
    def __init__(
        self,
        *,
        temperature: float,
        top_k: int,
        top_p: float,
        min_p: float,
        repeat_penalty: float,
        kernel: str | None = None,
    ) -> None: ...
    @property
    def unlimited(self) -> bool: ...
    def accept(self, token: int) -> None: ...
    def draw(
        self,
        logits: NDArray[np.float32],
        u: float,
        allowed: NDArray[np.uint8] | None = None,
    ) -> int: ...
    def shortlist(
        self,
        logits: NDArray[np.float32],
        allowed: NDArray[np.uint8] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]: ...
