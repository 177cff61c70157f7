"""Text of strangers: decoded, compared, taken out of HTML, and made fit to be shown."""

__all__ = ["canonical", "cleaning", "html_text", "lookalikes", "untrusted"]
