"""What the boot test looks for, as far as that can be tried without a machine."""

import io
import json
import tarfile
from pathlib import Path

from image import sbom
from image.boot import checks, machine, serial_shell
from tools.llama_wheel import SDIST_SHA256

SOCKETS = """\
udp UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:* users:(("systemd-resolve",pid=1,fd=1))
udp UNCONN 0 0 0.0.0.0:5353 0.0.0.0:* users:(("avahi-daemon",pid=2,fd=12))
udp UNCONN 0 0 0.0.0.0:40123 0.0.0.0:* users:(("avahi-daemon",pid=2,fd=13))
udp UNCONN 0 0 10.0.2.15%eth0:68 0.0.0.0:* users:(("systemd-network",pid=3,fd=1))
tcp LISTEN 0 5 0.0.0.0:80 0.0.0.0:* users:(("systemd",pid=1,fd=50))
tcp LISTEN 0 5 [::1]:631 [::]:* users:(("x",pid=9,fd=50))
"""


def test_only_sockets_that_nobody_asked_for_are_named() -> None:
    assert list(checks.unexpected(SOCKETS)) == []
    ssh = 'tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=7,fd=3))'
    database = 'tcp LISTEN 0 200 [::]:5432 [::]:* users:(("postgres",pid=8,fd=6))'
    assert list(checks.unexpected(f"{SOCKETS}{ssh}\n{database}\n")) == [ssh, database]


def test_the_kernel_takes_the_whole_command_line() -> None:
    """arm64 cuts it at 2,048 bytes."""
    assert len(serial_shell.credentials()) + 300 < 2048
    assert machine.CARD_BYTES == 8 << 30


def test_the_bill_of_materials_names_packages_wheels_and_models(tmp_path: Path) -> None:
    files = {
        "./var/lib/dpkg/status": "Package: nftables\nStatus: install ok installed\n"
        "Architecture: arm64\nVersion: 1.1.3-1\n\n",
        "./opt/x/site-packages/falcon-4.4.0.dist-info/METADATA": "Name: falcon\nVersion: 4.4.0\n",
        "./usr/share/pisovereign/models/all-minilm-l6-v2/.verified.json": "{}",
        "./etc/hostname": "x",
    }
    archive = tmp_path / "root.tar"
    with tarfile.open(archive, "w") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    one, two = (
        sbom.document(sbom.components(archive), "image-1", "1", 1_700_000_000) for _ in range(2)
    )
    assert one == two
    assert sbom.problem(one) == ""
    for purl in ("pkg:deb/debian/nftables@1.1.3-1", "pkg:pypi/falcon@4.4.0"):
        assert purl in one
    assert '"machine-learning-model"' in one
    assert "pkg:npm/preact@" in one


def test_the_bill_of_a_release_names_locked_wheels_the_page_and_models() -> None:
    one, two = (sbom.release("1.2.3", 1_700_000_000) for _ in range(2))
    assert one == two
    assert sbom.problem(one) == ""
    parts = {each["bom-ref"]: each for each in json.loads(one)["components"]}
    engine = next(part for ref, part in parts.items() if ref.startswith("pkg:pypi/llama-cpp-"))
    assert engine["hashes"][0]["content"] == SDIST_SHA256
    assert any(ref.startswith("pkg:npm/%40preact/signals@") for ref in parts)
    assert "model:smollm2-135m-instruct" in parts
    assert all(part.get("licenses") for part in parts.values())
