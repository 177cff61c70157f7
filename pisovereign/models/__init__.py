"""Model files: which exist, where they lie, and how they are fetched, verified and prepared.

`store` tells what is on the disk, and `pull` brings there what is missing. `manifest` says which
models there are, `embeddings` where configured embedding models lie, `progress` what a long pull
reports, and `errors` what can go wrong. `recommendation` says which one a `device` should have.
"""

__all__ = [
    "device",
    "embeddings",
    "errors",
    "manifest",
    "progress",
    "pull",
    "recommendation",
    "store",
]
