"""Headers of GGUF files, read from their beginning without trusting them.

`header` reads metadata and the list of tensors, within limits; `tensor_types` knows their sizes.
"""
