"""Model files: which exist, where they lie, and how they are fetched, verified and prepared.

`store` tells what is on the disk, `pull` brings there what is missing, and `adding` what the owner
chose, from a file or the `web`, by `staging`; `description_text` says what that is. `manifest` says
which models there are, `embeddings` where configured embedding models lie, `progress` what a long
pull reports, `errors` what can go wrong, and `recommendation` which one a `device` should have;
`listing` puts it together, and `work` does it in the background.
"""

__all__ = [
    "adding",
    "description_text",
    "device",
    "embeddings",
    "errors",
    "listing",
    "manifest",
    "progress",
    "pull",
    "recommendation",
    "staging",
    "store",
    "upload",
    "upload_types",
    "web",
    "work",
]
