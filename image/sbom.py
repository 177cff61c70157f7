"""The bill of materials: every Debian package, wheel and model of an image, as CycloneDX JSON."""

from __future__ import annotations

import tarfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from email.parser import HeaderParser
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from packageurl import PackageURL

from image import disk
from pisovereign.models.manifest import load_manifest

SITE = "/site-packages/"
MODELS = "/usr/share/pisovereign/models/"


def components(archive: Path) -> Iterator[Component]:
    """Read them out of a root filesystem's archive."""
    with tarfile.open(archive) as tar:
        for member in tar:
            name = f"/{member.name.removeprefix('./')}"
            file = tar.extractfile(member) if member.isfile() else None
            if file is None:
                continue
            if name == "/var/lib/dpkg/status":
                yield from debian(file.read().decode())
            elif SITE in name and name.endswith(".dist-info/METADATA"):
                yield wheel(file.read().decode())
            elif name.startswith(MODELS) and name.endswith("/.verified.json"):
                yield model(name.removeprefix(MODELS).partition("/")[0])


def debian(status: str) -> Iterator[Component]:
    """Yield the packages of dpkg's database."""
    for paragraph in filter(None, status.split("\n\n")):
        fields = HeaderParser().parsestr(paragraph)
        where = {"arch": fields["Architecture"], "distro": "debian-13"}
        name, version = fields["Package"], fields["Version"]
        purl = PackageURL("deb", "debian", name, version, where)
        yield Component(name=name, version=version, purl=purl, bom_ref=str(purl))


def wheel(metadata: str) -> Component:
    """One Python package."""
    fields = HeaderParser().parsestr(metadata)
    name, version = fields["Name"], fields["Version"]
    purl = PackageURL("pypi", None, name.lower().replace("_", "-"), version)
    return Component(name=name, version=version, purl=purl, bom_ref=str(purl))


def model(name: str) -> Component:
    """One model, with the checksums of its manifest."""
    entry = load_manifest().get(name)
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=file.checksum) for file in entry.files]
    kind = ComponentType.MACHINE_LEARNING_MODEL
    return Component(name=name, type=kind, bom_ref=f"model:{name}", hashes=hashes)


def document(archive: Path, name: str, version: str, epoch: int) -> str:
    """Return the document; the same for the same filesystem."""
    whole = Component(name=name, version=version, type=ComponentType.OPERATING_SYSTEM, bom_ref=name)
    parts = list(components(archive))
    bom = Bom(components=parts, serial_number=uuid.uuid5(disk.NAMESPACE, name))
    bom.metadata.component = whole
    bom.register_dependency(whole, parts)
    bom.metadata.timestamp = datetime.fromtimestamp(epoch, UTC)
    return JsonV1Dot6(bom).output_as_string(indent=1)


def problem(text: str) -> str:
    """Why a document is not CycloneDX; empty if it is."""
    # Importing it takes two seconds, for grammars of addresses.
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    found = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    return "" if found is None else str(found)
