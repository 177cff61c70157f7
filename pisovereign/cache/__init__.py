"""What need not be asked or computed again for a while; in memory alone, within bounds."""

__all__ = ["store"]
