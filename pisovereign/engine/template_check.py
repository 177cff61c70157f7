"""Whether the template in a model file can be used, found out without its weights."""

from __future__ import annotations

from typing import Any

import llama_cpp

from pisovereign.engine.templates import choose_template
from pisovereign.engine.templates.sources import template_sources
from pisovereign.engine.vocab import Vocab


def template_warning(handle: Any) -> str:
    """Return why a model is not talked to in the way of its own file; empty if it is.

    Args:
        handle: llama.cpp's, of the model.

    Raises:
        ModelError: no template fits the model.
    """
    vocabulary = Vocab(llama_cpp.llama_model_get_vocab(handle))
    return choose_template(vocabulary, template_sources(handle)).warning
