"""The bill of materials of an image or a release, as CycloneDX JSON.

It names every wheel, model and package of the page, and of an image every Debian package.
"""

from __future__ import annotations

import tarfile
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.parser import HeaderParser
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from packageurl import PackageURL

from image import disk
from pisovereign.config import Config
from pisovereign.models.manifest import load_manifest
from tools.third_party import Package, page_packages, python_packages

SITE = "/site-packages/"
MODELS = "/usr/share/pisovereign/models/"


def components(archive: Path) -> Iterator[Component]:
    """Read them out of a root filesystem's archive."""
    licenses = {each.name: each.license for each in python_packages()}
    with tarfile.open(archive) as tar:
        for member in tar:
            name = f"/{member.name.removeprefix('./')}"
            file = tar.extractfile(member) if member.isfile() else None
            if file is None:
                continue
            if name == "/var/lib/dpkg/status":
                yield from debian(file.read().decode())
            elif SITE in name and name.endswith(".dist-info/METADATA"):
                yield wheel(file.read().decode(), licenses)
            elif name.startswith(MODELS) and name.endswith("/.verified.json"):
                yield model(name.removeprefix(MODELS).partition("/")[0])
    yield from page()


def program() -> Iterator[Component]:
    """Yield what a release brings or fetches at its first start, on any system."""
    yield from (package("pypi", each) for each in python_packages())
    config = Config()
    yield from (model(name) for name in (config.inference.model, *config.memory.embedding_ids))
    yield from page()


def page() -> Iterator[Component]:
    """Yield the packages of npm that the page and the pages of the API are made of."""
    yield from (package("npm", each) for each in page_packages())


def debian(status: str) -> Iterator[Component]:
    """Yield the packages of dpkg's database."""
    for paragraph in filter(None, status.split("\n\n")):
        fields = HeaderParser().parsestr(paragraph)
        where = {"arch": fields["Architecture"], "distro": "debian-13"}
        name, version = fields["Package"], fields["Version"]
        purl = PackageURL("deb", "debian", name, version, where)
        yield Component(name=name, version=version, purl=purl, bom_ref=str(purl))


def wheel(metadata: str, licenses: dict[str, str]) -> Component:
    """One Python package that is installed; its license is known if it is locked."""
    fields = HeaderParser().parsestr(metadata)
    name = fields["Name"].lower().replace("_", "-")
    return package("pypi", Package(name, fields["Version"], licenses.get(name, "")))


def package(kind: str, found: Package) -> Component:
    """One package of PyPI or npm."""
    namespace, _, name = found.name.rpartition("/")
    purl = PackageURL(kind, namespace or None, name, found.version)
    return Component(
        name=name,
        group=namespace or None,
        version=found.version,
        purl=purl,
        bom_ref=str(purl),
        licenses=[DisjunctiveLicense(name=found.license)] if found.license else None,
        hashes=[_sha256(found.sha256)] if found.sha256 else None,
    )


def model(name: str) -> Component:
    """One model, with the checksums of its manifest."""
    entry = load_manifest().get(name)
    return Component(
        name=name,
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=f"model:{name}",
        licenses=[DisjunctiveLicense(name=entry.license)],
        hashes=[_sha256(file.checksum) for file in entry.files],
    )


def document(
    parts: Iterable[Component],
    name: str,
    version: str,
    epoch: int,
    *,
    kind: ComponentType = ComponentType.OPERATING_SYSTEM,
) -> str:
    """Return the document; the same for the same parts.

    Args:
        parts: What is in it.
        name: Of the whole.
        version: Of the whole.
        epoch: When it was made, in seconds since 1970.
        kind: What the whole is.
    """
    whole = Component(name=name, version=version, type=kind, bom_ref=name)
    found = list(parts)
    bom = Bom(components=found, serial_number=uuid.uuid5(disk.NAMESPACE, name))
    bom.metadata.component = whole
    bom.register_dependency(whole, found)
    bom.metadata.timestamp = datetime.fromtimestamp(epoch, UTC)
    return JsonV1Dot6(bom).output_as_string(indent=1)


def release(version: str, epoch: int) -> str:
    """Return the document of a release, which is the same on every machine."""
    name = f"pisovereign-{version}"
    return document(program(), name, version, epoch, kind=ComponentType.APPLICATION)


def problem(text: str) -> str:
    """Why a document is not CycloneDX; empty if it is."""
    # Importing it takes two seconds, for grammars of addresses.
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    found = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    return "" if found is None else str(found)


def _sha256(content: str | None) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=content or "")
