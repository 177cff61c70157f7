import numpy as np
from numpy.typing import NDArray

def mean_pool(hidden: NDArray[np.float32], mask: NDArray[np.int64]) -> NDArray[np.float32]: ...
