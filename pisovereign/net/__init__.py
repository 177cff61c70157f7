"""Host names, URLs and addresses, read strictly."""

__all__ = ["addresses", "host_header", "hosts"]
