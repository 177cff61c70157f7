"""Sign requests to storage of S3's kind: Amazon's signature version 4, in the header.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

_ALGORITHM, _SERVICE, _END = "AWS4-HMAC-SHA256", "s3", "aws4_request"
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


class Credentials(NamedTuple):
    """The keys to sign with, and the region to sign for."""

    access_key: str
    secret_key: str
    region: str

    def __repr__(self) -> str:
        return f"Credentials({self.access_key!r})"


class S3Request(NamedTuple):
    """A request that is to be signed.

    Attributes:
        method: Such as `GET`.
        host: With its port, if that is not the usual one.
        path: Beginning with `/`, not yet quoted.
        query: Parameters, not yet quoted.
        headers: Further ones, all of which are signed; names in lower case.
        sha256: Of the body, in hexadecimal digits.
    """

    method: str
    host: str
    path: str
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    sha256: str = EMPTY_SHA256


def signed_headers(
    request: S3Request, credentials: Credentials, now: dt.datetime
) -> dict[str, str]:
    """Return the headers of a request, with its signature; `host` is not among them."""
    moment = now.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    day = moment[:8]
    added = {"x-amz-content-sha256": request.sha256, "x-amz-date": moment}
    headers = {"host": request.host, **request.headers, **added}
    names = sorted(headers)
    canonical = "\n".join(
        (
            request.method,
            quote(request.path, safe="/~"),
            quoted_query(request.query),
            *(f"{name}:{' '.join(headers[name].split())}" for name in names),
            "",
            ";".join(names),
            request.sha256,
        )
    )
    scope = f"{day}/{credentials.region}/{_SERVICE}/{_END}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{_ALGORITHM}\n{moment}\n{scope}\n{digest}"
    key = f"AWS4{credentials.secret_key}".encode()
    for part in (day, credentials.region, _SERVICE, _END):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    authorization = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{scope},"
        f"SignedHeaders={';'.join(names)},Signature={signature}"
    )
    del headers["host"]
    return {**headers, "authorization": authorization}


def quoted_query(query: Mapping[str, str]) -> str:
    """Return the parameters as they are signed and sent: sorted, and quoted in one way."""
    pairs = sorted((quote(key, safe="~"), quote(value, safe="~")) for key, value in query.items())
    return "&".join(f"{key}={value}" for key, value in pairs)
