"""Places outside that keep files: a folder, a memory stick, a WebDAV server, a bucket of S3's kind.

All are used in one way (`types.py`): a file appears under its name only when all of it is there.
"""

__all__ = ["build", "folder", "s3", "server", "stick", "types", "webdav"]
