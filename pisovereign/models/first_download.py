"""The first download of a file whose checksum nobody could tell: it is recorded, and held."""

from __future__ import annotations

import msgspec

from pisovereign.files import sha256_of
from pisovereign.models.errors import DownloadFailed
from pisovereign.models.inspection import inspect
from pisovereign.models.manifest import MEMORY_CONTEXT, HttpsSource, Model, ModelFile
from pisovereign.models.partial_file import PartialFile, in_thread
from pisovereign.models.progress import Report, Step
from pisovereign.models.store import ModelStore
from pisovereign.models.web import Web, keep_only


async def first_download(
    store: ModelStore, model: Model, file: ModelFile, report: Report, web: Web | None = None
) -> Model:
    """Fetch a file over TLS, record its size and checksum, and return the model with them.

    Raises:
        DownloadFailed: it cannot be had.
        UnusableModel: what came is no model.
    """
    urls = [source.url for source in file.sources if isinstance(source, HttpsSource)]
    if not urls:
        raise DownloadFailed(f"{model.id}/{file.name} can be fetched over TLS only")
    home = store.home(model)
    async with web or Web() as opened:
        remote = await opened.look(urls[0])
        known = msgspec.structs.replace(file, size=remote.size)
        part = PartialFile(
            store.part(model, file),
            known,
            lambda done, total: report(Step(model.id, file.name, "fetching", done, total)),
        )
        note = home / f"{file.name}.source"
        keep_only(remote, part, note)
        await opened.fetch(remote, part)
    await inspect(part.path, remote.size, (MEMORY_CONTEXT,))
    report(Step(model.id, file.name, "verifying"))
    digest = await in_thread(sha256_of, part.path)
    pinned = msgspec.structs.replace(known, sha256=digest, recorded=True)
    files = tuple(pinned if other is file else other for other in model.files)
    model = msgspec.structs.replace(model, files=files)
    await in_thread(part.finish)
    note.unlink()
    store.record(model)
    store.stamp(model, file.name, digest)
    return model
