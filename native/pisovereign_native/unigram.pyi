from os import PathLike
from struct import Struct
from typing import Self

HEADER: Struct
MAGIC: bytes

class Unigram:
    def __init__(self, data: bytes) -> None: ...
    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> Self: ...
    def encode(self, text: str, max_tokens: int) -> list[int]: ...
