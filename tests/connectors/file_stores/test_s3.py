"""Storage of S3's kind: signatures, pages, and what it refuses."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pisovereign.connectors.file_stores.s3_signature import (
    Credentials,
    S3Request,
    signed_headers,
)
from pisovereign.connectors.file_stores.types import FileStore
from pisovereign.errors import UpstreamError
from tests.connectors.file_stores.conftest import digest, s3_section, use
from tests.support.s3_server import S3Server

NAME = "pisovereign-1f0a9c3e-20261127T031500Z.backup"
# The examples of Amazon's own description, with their signatures.
_WHO = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
_HOST = "examplebucket.s3.amazonaws.com"
_AT = dt.datetime(2013, 5, 24, tzinfo=dt.UTC)
_PUT_SHA256 = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
_PUT_HEADERS = {
    "date": "Fri, 24 May 2013 00:00:00 GMT",
    "x-amz-storage-class": "REDUCED_REDUNDANCY",
}
EXAMPLES = [
    (
        S3Request("GET", _HOST, "/test.txt", headers={"range": "bytes=0-9"}),
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ),
    (
        S3Request("PUT", _HOST, "/test$file.text", {}, _PUT_HEADERS, _PUT_SHA256),
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ),
    (
        S3Request("GET", _HOST, "/", {"lifecycle": ""}),
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ),
    (
        S3Request("GET", _HOST, "/", {"max-keys": "2", "prefix": "J"}),
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ),
]


@pytest.mark.parametrize(("request_", "signature"), EXAMPLES, ids=lambda value: str(value)[:24])
def test_the_examples_of_amazons_description(request_: S3Request, signature: str) -> None:
    authorization = signed_headers(request_, _WHO, _AT)["authorization"]
    assert authorization.endswith(f"Signature={signature}")


def test_no_secret_is_shown() -> None:
    assert "EXAMPLEKEY" not in repr(_WHO)


def test_long_lists_come_in_pages(s3: S3Server) -> None:
    s3.page = 3
    names = {f"pisovereign-1f0a9c3e-202611{day:02}T031500Z.backup" for day in range(1, 9)}
    s3.objects = {f"pisovereign/{name}": b"x" for name in names}
    s3.objects |= {"pisovereign/further/a.backup": b"x", "elsewhere.backup": b"x"}
    found = use("backup_s3", s3_section(s3), lambda store: store.files())
    assert {file.name for file in found} == names


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"secret_key": "another one"}, "SignatureDoesNotMatch"),
        ({"access_key": "AKIDUNKNOWN"}, "InvalidAccessKeyId"),
        ({"region": "us-east-1"}, "AuthorizationHeaderMalformed"),
        ({"bucket": "nowhere"}, "NoSuchBucket"),
    ],
)
def test_a_refusal_is_told_with_its_code(s3: S3Server, wrong: dict[str, str], code: str) -> None:
    with pytest.raises(UpstreamError, match=code):
        use("backup_s3", s3_section(s3, **wrong), lambda store: store.check())
    assert not s3.asked


def test_what_does_not_come_back_as_it_was_is_deleted(s3: S3Server, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"some data")
    s3.damaged = True

    async def work(store: FileStore) -> None:
        with pytest.raises(UpstreamError, match="does not give back"):
            await store.put(NAME, source, digest(b"some data"))

    use("backup_s3", s3_section(s3), work)
    assert s3.objects == {}
