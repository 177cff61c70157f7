"""What makes the environment stale, and that recovery is complete."""

import json
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools import llama_wheel, locks, prerequisites, stage
from tools.environment import Environment, Work
from tools.problem import Problem

PROJECT = '[build-system]\nrequires = ["setuptools>=77"]\n'


class Stages:
    """Stands in for the commands: notes their labels and does what the real ones leave behind."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.labels: list[str] = []
        self.commands: list[Sequence[str]] = []
        self.failing = ""

    def run(self, label: str, argv: Sequence[str], *, log: Path, cwd: Path | None = None) -> None:
        self.labels.append(label)
        self.commands.append(argv)
        if label == self.failing:
            raise Problem("interrupted")
        if "venv" in argv:
            python = Path(argv[-1], "bin", "python")
            python.parent.mkdir()
            python.write_text("")
            python.chmod(0o755)
        if "build_ext" in argv or "-e" in argv:
            suffix = sysconfig.get_config_var("EXT_SUFFIX")
            for module in (self.root / "native").rglob("*.pyx"):
                module.with_suffix(suffix).write_bytes(b"")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "clone"
    package = root / "native" / "pisovereign_native"
    package.mkdir(parents=True)
    (root / "pyproject.toml").write_text(PROJECT)
    for group in ("build", "run", "test", "web"):
        path = locks.file(root, group)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{group}==1.0 --hash=sha256:{0:064}\n")
    (root / "setup.py").write_text("")
    (package / "pooling.pyx").write_text("one")
    return root


@pytest.fixture
def stages(root: Path, monkeypatch: pytest.MonkeyPatch) -> Stages:
    stages = Stages(root)
    monkeypatch.setattr(stage, "run", stages.run)
    monkeypatch.setattr(prerequisites, "require", lambda: None)
    monkeypatch.setattr(llama_wheel, "making_wheel", made_at_once)
    return stages


@contextmanager
def made_at_once(python: Path) -> Iterator[Callable[[], Path]]:
    yield lambda: Path("/kept/llama.whl")


def steps(stages: Stages, root: Path, *groups: str) -> list[str]:
    """Bring the environment up to date and return the first words of the stages that took."""
    stages.labels.clear()
    Environment(root).ensure(*(groups or ("run",)))
    return [label.split()[0] for label in stages.labels]


AGAIN = ["Installing"] * 3
ALL = ["Making", "Updating", *AGAIN]


def test_the_second_call_does_nothing(root: Path, stages: Stages) -> None:
    assert steps(stages, root) == ALL
    assert steps(stages, root) == []


def test_only_what_changed_is_done_again(root: Path, stages: Stages) -> None:
    steps(stages, root)
    (root / "native" / "pisovereign_native" / "pooling.pyx").write_text("two")
    assert steps(stages, root) == ["Compiling"]
    (root / "setup.py").write_text("# changed")
    assert steps(stages, root) == ["Compiling"]
    (root / "pyproject.toml").write_text(PROJECT + "# changed")
    assert steps(stages, root) == AGAIN
    locks.file(root, "run").write_text("run==2.0")
    assert steps(stages, root) == AGAIN
    next((root / "native").rglob("*.so")).unlink()
    assert steps(stages, root) == ["Compiling"]


def test_groups_add_up(root: Path, stages: Stages) -> None:
    steps(stages, root, "run")
    assert steps(stages, root, "run", "web") == ["Installing", *AGAIN]
    assert steps(stages, root, "run") == []
    # What tests need includes what the program does.
    assert steps(stages, root, "test") == ["Installing", *AGAIN]
    assert installed(stages, root) == ["test", "web"]
    (root / "pyproject.toml").write_text(PROJECT + "# changed")
    steps(stages, root, "run")
    assert installed(stages, root) == ["test", "web"]


def installed(stages: Stages, root: Path) -> list[str]:
    """The groups whose lists were installed by the last call."""
    lists = {str(locks.file(root, group)): group for group in ("build", "run", "test", "web")}
    count = len(stages.labels)
    return [lists[argv[-1]] for argv in stages.commands[-count:] if argv[-1] in lists]


def test_nothing_is_installed_without_its_hash(root: Path, stages: Stages) -> None:
    steps(stages, root, "test", "web")
    for argv in stages.commands:
        if "pip" not in argv:
            continue
        ours = argv[-1] in (str(root), "/kept/llama.whl")
        assert "--no-deps" in argv
        assert ours or "--require-hashes" in argv


def test_a_moved_clone_gets_a_new_environment(root: Path, stages: Stages) -> None:
    steps(stages, root)
    moved = root.rename(root.with_name("moved"))
    stages.root = moved
    (moved / ".venv" / "old").write_text("")
    assert steps(stages, moved)[:2] == ["Making", "Updating"]
    assert not (moved / ".venv" / "old").exists()


@pytest.mark.parametrize(
    "label",
    [
        *("Making the environment in .venv", "Updating pip"),
        *("Installing the packages to run", "Installing the program", "Installing llama.cpp"),
    ],
)
def test_an_interrupted_step_means_a_new_beginning(root: Path, stages: Stages, label: str) -> None:
    stages.failing = label
    with pytest.raises(Problem):
        steps(stages, root)
    stages.failing = ""
    assert steps(stages, root) == ALL
    assert steps(stages, root) == []


def test_an_interrupted_compilation_is_done_again(root: Path, stages: Stages) -> None:
    steps(stages, root)
    (root / "setup.py").write_text("# changed")
    stages.failing = "Compiling the extension"
    with pytest.raises(Problem):
        steps(stages, root)
    stages.failing = ""
    assert steps(stages, root) == ["Compiling"]


def test_what_can_be_done_meanwhile_is_tried_while_llama_is_compiled(
    root: Path, stages: Stages, capsys: pytest.CaptureFixture[str]
) -> None:
    work = Work("Fetching the models", ("-m", "program", "pull"))
    Environment(root).ensure("run", meanwhile=[work])
    assert stages.labels[-2:] == ["Fetching the models", "Installing llama.cpp"]
    (root / "pyproject.toml").write_text(PROJECT + "# changed")
    stages.failing = "Fetching the models"
    Environment(root).ensure("run", meanwhile=[work])
    assert "interrupted" in capsys.readouterr().out
    assert steps(stages, root) == []


def test_a_failed_wheel_costs_no_new_environment(
    root: Path, stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def fail(python: Path) -> Iterator[Callable[[], Path]]:
        def wheel() -> Path:
            raise Problem("no network")

        yield wheel

    with monkeypatch.context() as patch:
        patch.setattr(llama_wheel, "making_wheel", fail)
        with pytest.raises(Problem):
            steps(stages, root)
    assert steps(stages, root) == ALL[2:]


@pytest.mark.parametrize("notes", ["", "[]", '{"venv": "other"}', "{"])
def test_notes_that_make_no_sense_are_a_new_beginning(
    root: Path, stages: Stages, notes: str
) -> None:
    steps(stages, root)
    Environment(root).notes_file.write_text(notes)
    assert steps(stages, root) == ALL


def test_a_lost_interpreter_is_noticed(root: Path, stages: Stages) -> None:
    steps(stages, root)
    python = root / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert steps(stages, root) == ALL


def test_anything_else_in_the_place_of_the_environment_goes(root: Path, stages: Stages) -> None:
    elsewhere = root.with_name("elsewhere")
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("")
    (root / ".venv").symlink_to(elsewhere)
    assert steps(stages, root) == ALL
    assert (elsewhere / "kept").exists()
    assert not (root / ".venv").is_symlink()


def test_another_processor_gets_another_llama(
    root: Path, stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps(stages, root)
    monkeypatch.setattr(llama_wheel, "cpu_features", lambda cpuinfo: ["asimd"])
    assert steps(stages, root) == AGAIN
    assert "--force-reinstall" in stages.commands[-1]


def test_nothing_is_built_on_a_machine_that_cannot(
    root: Path, stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise Problem("Missing a C compiler")

    monkeypatch.setattr(prerequisites, "require", refuse)
    with pytest.raises(Problem, match="C compiler"):
        steps(stages, root)
    assert stages.labels == []
    assert not (root / ".venv").exists()


def test_the_notes_are_whole_json(root: Path, stages: Stages) -> None:
    steps(stages, root)
    notes = json.loads(Environment(root).notes_file.read_text())
    assert notes["groups"] == ["run"]
    assert notes["unfinished"] is None
