"""The API's description in OpenAPI 3.1, made of the structures that check requests."""

__all__ = ["document"]
