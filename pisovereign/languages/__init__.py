"""What is known of languages, and which there are."""

from typing import Literal

Language = Literal["en", "de"]

__all__ = ["Language", "detection", "stopwords"]
