"""What of a Python package stays in an image."""

from pathlib import Path

from image import program


def test_nothing_is_done_at_each_start_of_python(tmp_path: Path) -> None:
    info = tmp_path / "thing-1.0.dist-info"
    info.mkdir()
    (tmp_path / "thing.pth").write_text("import thing.repair\n")
    (info / "RECORD").write_text("thing.pth,sha256=abc,20\nthing/__init__.py,sha256=def,1\n")
    program.drop_start_hooks(tmp_path)
    assert not list(tmp_path.glob("*.pth"))
    assert (info / "RECORD").read_text() == "thing/__init__.py,sha256=def,1\n"


def test_scripts_that_name_the_building_machine_go_with_their_record(tmp_path: Path) -> None:
    info = tmp_path / "idna-3.20.dist-info"
    (tmp_path / "bin").mkdir()
    info.mkdir()
    (tmp_path / "bin" / "idna").write_text("#!/home/builder/.venv/bin/python\n")
    (info / "RECORD").write_text(
        "../../bin/idna,sha256=abc,166\nidna/__init__.py,sha256=def,1\nidna/bin/x.py,sha256=a,2\n"
    )
    program.drop_scripts(tmp_path)
    assert not (tmp_path / "bin").exists()
    assert (info / "RECORD").read_text() == (
        "idna/__init__.py,sha256=def,1\nidna/bin/x.py,sha256=a,2\n"
    )


def test_programs_for_people_are_on_the_path(tmp_path: Path) -> None:
    program.put_on_path(["pisovereign-console", "pisovereign-cli", "pisovereign-engine"], tmp_path)
    links = {path.name: str(path.readlink()) for path in (tmp_path / "usr/local/bin").iterdir()}
    assert links == {
        "pisovereign-cli": "/opt/pisovereign/bin/pisovereign-cli",
        "pisovereign-console": "/opt/pisovereign/bin/pisovereign-console",
    }
