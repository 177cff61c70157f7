"""Configurations and layers can be read, and fit together."""

from pathlib import Path

import pytest

from image import boot_files, layers, packages, target

CONFIGS = sorted(path.stem for path in (layers.HERE / "config").glob("*.yaml"))


@pytest.mark.parametrize("name", CONFIGS)
def test_a_configuration_has_everything_that_an_image_needs(name: str) -> None:
    config = layers.load_config(name)
    found = layers.load_layers(config)
    assert {"systemd", "postgresql-17-pgvector", "avahi-daemon", "nftables"} <= set(
        packages.names(found)
    )
    assert sum(bool(layer.boot.kernels) for layer in found) == 1
    assert config.device.boards
    assert layers.machine(found) == (target.PC if name == "pc" else target.ARM)
    assert not [m for layer in found for m in layer.units.mask if m in layer.units.enable]


@pytest.mark.parametrize("name", [name for name in CONFIGS if name != "pc"])
def test_the_firmware_is_told_of_kernels_that_are_there(name: str) -> None:
    found = layers.load_layers(layers.load_config(name))
    (boot,) = (layer.boot for layer in found if layer.boot.kernels)
    settings = [line.partition("=") for line in boot.config_txt]
    kernels = {value for key, _, value in settings if key == "kernel"}
    assert kernels <= {kernel.kernel for kernel in boot.kernels}
    own = {f"initramfs {kernel.initrd} followkernel" for kernel in boot.kernels}
    assert "auto_initramfs=1" in boot.config_txt or own <= set(boot.config_txt)
    assert "arm_64bit=1" in boot.config_txt


def test_raspberry_pis_archive_is_signed_by_a_key_of_its_own() -> None:
    found = layers.load_layers(layers.load_config("rpios"))
    debian, security, raspberry = packages.sources(found).split("\n\n")
    assert "Suites: trixie trixie-updates\nComponents: main non-free-firmware\n" in debian + "\n"
    assert "trixie-security" in security
    assert "Signed-By: /usr/share/keyrings/raspberrypi-archive-keyring.pgp" in raspberry


def test_raspberry_pis_kernels_are_told_to_count_memory() -> None:
    """Or the units' limits would not hold there; Debian's kernel does so without being told."""
    for name, told in (("debian", False), ("rpios", True)):
        parts = [layer.boot for layer in layers.load_layers(layers.load_config(name))]
        line = boot_files.command_line("a", parts)
        assert line.startswith("root=PARTLABEL=system_a ro ")
        assert ("cgroup_enable=memory" in line.split()) == told


def test_a_layer_whose_requirement_is_missing_is_refused() -> None:
    config = layers.load_config("debian")
    with pytest.raises(ValueError, match="layer database requires base before it"):
        layers.load_layers(layers.Config(config.device, config.image, {"database": "database"}))


def test_the_heads_name_their_files() -> None:
    for path in (layers.HERE / "layer").glob("*.yaml"):
        assert f"# X-Env-Layer-Name: {path.stem}\n" in path.read_text()


def test_kernels_and_files_are_put_where_the_firmware_looks(tmp_path: Path) -> None:
    boot = tmp_path / "boot"
    for name in ("boot/firmware", "boot/config", "usr/lib/raspi-firmware"):
        (tmp_path / name).mkdir(parents=True)
    (boot / "vmlinuz-6.12.1-arm64").write_text("kernel")
    (boot / "initrd.img-6.12.1-arm64").write_text("initramfs")
    (tmp_path / "usr/lib/raspi-firmware/start4.elf").write_text("firmware")
    kernel = layers.Kernel("*-arm64", "vmlinuz", "initrd.img")
    part = layers.Boot([kernel], ["usr/lib/raspi-firmware/start4.elf"], ["arm_64bit=1"])
    boot_files.collect(tmp_path, [layers.Boot(), part])
    assert {path.name for path in (boot / "firmware").iterdir()} == {
        *("vmlinuz", "initrd.img", "start4.elf", "config.txt", "cmdline.txt")
    }
    assert not list(boot.glob("vmlinuz*"))
    with pytest.raises(ValueError, match="nothing in the root filesystem is called"):
        boot_files.collect(tmp_path, [layers.Boot([], ["usr/lib/absent"], [])])


def test_only_memory_that_is_free_is_built_in(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 24683520 kB\nMemFree: 100 kB\nMemAvailable: 2048 kB\n")
    assert packages.available_memory(meminfo) == 2 << 20
    assert packages.fast_folder().is_dir()
