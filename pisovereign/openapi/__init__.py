"""The API in OpenAPI 3.1, made of the entries of routes, and the pages that show it."""

__all__ = ["document"]
