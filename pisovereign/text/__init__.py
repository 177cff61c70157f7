"""Text of strangers: decoded, taken out of HTML, and made fit to be shown."""

__all__ = ["cleaning", "html_text"]
