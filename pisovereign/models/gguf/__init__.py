"""What a GGUF file says about itself, read from its beginning without trusting it.

`header` reads metadata and the list of tensors, within limits; `tensor_types` knows their sizes.
"""
