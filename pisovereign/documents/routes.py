"""The routes of documents."""

from __future__ import annotations

from urllib.parse import quote

from falcon.asgi import Request, Response

from pisovereign.asgi.query import PageQuery
from pisovereign.asgi.routes import BYTES, Example, Page, Routes, parse_id, route
from pisovereign.documents.service import DocumentService
from pisovereign.documents.types import (
    Document,
    DocumentSearch,
    DocumentUsage,
    FoundPassage,
    Passage,
    PassageQuery,
    UploadQuery,
)
from pisovereign.documents.uploads import UploadReader

_ID = "5f2a7c1e-8d4b-4e55-9a3c-2b9d1f0e6a77"
_DOCUMENT = {
    "id": _ID,
    "name": "lease.pdf",
    "title": "Lease",
    "format": "pdf",
    "media_type": "application/pdf",
    "size": 184_210,
    "pages": 12,
    "passages": 41,
    "read": 41,
    "state": "ready",
    "created_at": "2026-02-07T10:30:00.159707Z",
}
_PASSAGE = {
    "id": "0d6c2f5b-7e1a-4a38-b1d9-4f0c8e2a9b13",
    "document_id": _ID,
    "place": 17,
    "page": 5,
    "headings": ["Lease", "§ 9 Pets"],
    "text": "Small animals may be kept. Dogs and cats need the landlord's consent.",
}


class DocumentRoutes(Routes, tag="Documents"):
    """Documents over HTTP; all rules are in the service."""

    def __init__(self, service: DocumentService, uploads: UploadReader) -> None:
        self._service = service
        self._uploads = uploads

    @route(
        "POST",
        "/v1/documents",
        summary="Add a document",
        status=201,
        also=200,
        raw_body=True,
        errors=(409, 413),
        links=("getDocument", "deleteDocument"),
        example=Example(
            response={
                **_DOCUMENT,
                "title": "",
                "pages": 0,
                "passages": 0,
                "read": 0,
                "state": "waiting",
            }
        ),
    )
    async def add_document(self, req: Request, resp: Response, query: UploadQuery) -> Document:
        """Store a file of at most `documents.file_bytes`, and have it read: 201 and `Location`.

        The body is the file, with `?name=`, or a form (`multipart/form-data`) whose first part with
        a file name is it. What it is, its bytes decide: text, Markdown, PDF, docx, odt, HTML, a
        stored mail (eml) or calendar (ics); anything else is 422. The same bytes are one document:
        sent again, it is 200 with the one that is there. It is 409 when all files together would
        be larger than `documents.quota_bytes`. Two are taken at once, further ones wait.

        It is read in the background; `state` says how far that is. [documents.md](documents.md)
        """
        user = req.context.user.user_id
        async with self._uploads.taken(req, user) as upload:
            name = query.name or upload.name or "document"
            document, is_new = await self._service.add(user, name, upload.data)
        resp.status = 201 if is_new else 200
        resp.location = f"/v1/documents/{document.id}"
        return document

    @route(
        "GET",
        "/v1/documents",
        summary="List your documents",
        example=Example(response=[_DOCUMENT]),
    )
    async def list_documents(
        self, req: Request, resp: Response, query: PageQuery
    ) -> Page[Document]:
        """List your documents, the newest first; `?limit=` is 1 to 500, `?offset=` skips entries.

        `state` is `waiting` (its text was not read yet), `indexing` (it is found by its words, and
        by its meaning as far as `read` of its `passages` are), `ready`, or `failed` with the reason
        in `error`.
        """
        return Page(*await self._service.page(req.context.user.user_id, query.limit, query.offset))

    @route(
        "GET",
        "/v1/documents/search",
        summary="Search your documents",
        example=Example(
            response=[{**_PASSAGE, "document": "lease.pdf", "score": 1.0, "similarity": 0.58}]
        ),
    )
    async def search_documents(
        self, req: Request, resp: Response, query: DocumentSearch
    ) -> list[FoundPassage]:
        """Find the passages that fit `?q=` best, in meaning or in words, the best first.

        `q` is 1 to 1,000 characters, `?limit=` 1 to 50 (10 if not given); `?document_id=` searches
        one document. A search always finds what is nearest. `score` compares what one search
        found, `similarity` is the cosine of both texts, null while no model has read the passage.
        """
        return await self._service.search(req.context.user.user_id, query)

    @route(
        "GET",
        "/v1/documents/usage",
        summary="See what your documents take",
        example=Example(
            response={
                "documents": 1,
                "bytes": 184_210,
                "passages": 41,
                "most_bytes": 536_870_912,
                "most_passages": 25_000,
                "most_file_bytes": 33_554_432,
            }
        ),
    )
    async def document_usage(self, req: Request, resp: Response) -> DocumentUsage:
        """Count your documents with their bytes and passages, and say how many there may be."""
        return await self._service.usage(req.context.user.user_id)

    @route(
        "GET",
        "/v1/documents/{id}",
        summary="Show a document",
        example=Example(response=_DOCUMENT),
    )
    async def get_document(self, req: Request, resp: Response, document: str) -> Document:
        """Show one document, in the form of the list."""
        return await self._service.get(req.context.user.user_id, parse_id(document, "document"))

    @route(
        "DELETE",
        "/v1/documents/{id}",
        summary="Delete a document",
        status=204,
    )
    async def delete_document(self, req: Request, resp: Response, document: str) -> None:
        """Delete a document, its text, and all that it was found by: 204 without a body.

        Backups that were made before still hold it. Answers that cited it keep what they say.
        """
        await self._service.delete(req.context.user.user_id, parse_id(document, "document"))

    @route(
        "GET",
        "/v1/documents/{id}/passages",
        summary="Read a document's text",
        example=Example(response=[_PASSAGE]),
    )
    async def list_passages(
        self, req: Request, resp: Response, document: str, query: PassageQuery
    ) -> Page[Passage]:
        """List the passages of a document in their order, with the places that citations name."""
        user = req.context.user.user_id
        return Page(*await self._service.passages(user, parse_id(document, "document"), query))

    @route(
        "GET",
        "/v1/documents/{id}/content",
        summary="Download a document",
        media_type=BYTES,
    )
    async def download_document(self, req: Request, resp: Response, document: str) -> None:
        """Send the file as it was sent here; browsers save it and never open it."""
        found = await self._service.download(
            req.context.user.user_id, parse_id(document, "document")
        )
        resp.content_type = BYTES
        resp.content_length = found.document.size
        name = quote(found.document.name, safe="")
        resp.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{name}")
        resp.set_header("X-Content-Type-Options", "nosniff")
        resp.set_header("Cache-Control", "no-store")
        resp.stream = found.pieces

    @route(
        "POST",
        "/v1/documents/{id}/reindex",
        summary="Read a document again",
        status=202,
        example=Example(response={**_DOCUMENT, "state": "waiting"}),
    )
    async def reindex_document(self, req: Request, resp: Response, document: str) -> Document:
        """Begin to read a document again from its file, such as one that could not be read."""
        return await self._service.reindex(req.context.user.user_id, parse_id(document, "document"))
