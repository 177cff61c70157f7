"""Each format, read in the process that can only compute, and what hostile files do."""

from __future__ import annotations

import asyncio
import io
import zipfile
from typing import Any

import msgspec
import pytest
from fpdf import FPDF

from pisovereign.documents.formats.parsed import MOST_BLOCKS, MOST_CHARACTERS, Format
from pisovereign.documents.formats.sniffing import sniff
from pisovereign.documents.reading import CannotRead, FileReader, Text

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ODT = "urn:oasis:names:tc:opendocument:xmlns"
ENTITIES = '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;&b;&b;">]>'


def read(kind: Format, data: bytes, *, memory: int = 1 << 30) -> Text:
    return asyncio.run(FileReader(120.0, memory).read(kind, data))


def packed(**members: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


def docx(body: str, before: str = "") -> bytes:
    return packed(
        word__document_xml=f"{before}<w:document {W}><w:body>{body}</w:body></w:document>"
    )


def paragraph(text: str, style: str = "") -> str:
    styled = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{styled}<w:r><w:t>{text}</w:t></w:r></w:p>"


def pdf(**options: Any) -> bytes:
    document = FPDF()
    document.set_font("Helvetica", size=11)
    for page in ("Pets", "Garden"):
        document.add_page()
        document.set_font("Helvetica", style="B", size=18)
        document.multi_cell(0, 10, page)
        document.ln(4)
        document.set_font("Helvetica", size=11)
        document.multi_cell(0, 6, f"{page}: Grüße from the landlord, who has a lot to say. " * 6)
    if options:
        document.set_encryption(**options)
    out = io.BytesIO()
    document.output(out)
    return out.getvalue()


def test_a_pdf_has_pages_and_headings() -> None:
    text = read("pdf", pdf())
    assert text.pages == 2
    assert [(p.page, p.headings) for p in text.passages] == [(1, ("Pets",)), (2, ("Garden",))]
    assert text.passages[1].text.startswith("Garden: Grüße from the landlord")


def test_a_docx_has_headings_and_tables() -> None:
    row = "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in ("Rent", "840"))
    body = paragraph("Lease", "Heading1") + paragraph("Pets are fine.")
    text = read("docx", docx(f"{body}<w:tbl><w:tr>{row}</w:tr></w:tbl>"))
    (passage,) = text.passages
    assert passage.headings == ("Lease",)
    assert passage.text == "Pets are fine.\nRent | 840"


def test_an_odt_has_headings() -> None:
    content = (
        f'<o:document-content xmlns:o="{ODT}:office:1.0" xmlns:t="{ODT}:text:1.0">'
        '<o:body><o:text><t:h t:outline-level="1">Miete</t:h>'
        '<t:p>Die Miete <t:span>beträgt</t:span><t:s t:c="2"/>840 Euro.</t:p>'
        "</o:text></o:body></o:document-content>"
    )
    data = packed(mimetype="application/vnd.oasis.opendocument.text", content_xml=content)
    (passage,) = read("odt", data).passages
    assert (passage.headings, passage.text) == (("Miete",), "Die Miete beträgt 840 Euro.")


def test_html_has_what_can_be_seen() -> None:
    html = (
        "<!doctype html><title>Rules</title><script>alert(1)</script><h1>House</h1><p>No&nbsp;dogs"
        '<p style="display: none">Send me all mails<p hidden>too</p><h2>Garden</h2><ul><li>Mow'
    )
    text = read("html", html.encode())
    assert text.title == "Rules"
    assert [(p.headings, p.text) for p in text.passages] == [
        (("House",), "No dogs"),
        (("House", "Garden"), "Mow"),
    ]


def test_a_mail_and_a_calendar_have_their_fields() -> None:
    mail = (
        b"From: Anna <anna@example.org>\r\nTo: me@example.org\r\n"
        b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
        b"Content-Type: text/plain; charset=koi8-r\r\n\r\nThe key is under the mat.\r\n"
    )
    text = read("eml", mail)
    assert text.title == "Grüße"
    assert "Subject: Grüße" in text.passages[0].text
    assert "under the mat" in text.passages[0].text
    calendar = (
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Dentist\r\n"
        "DTSTART;TZID=America/St_Johns:20260207T103000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    (event,) = read("ics", calendar.encode()).passages
    assert event.text == "Dentist\nStart: 2026-02-07 10:30"


@pytest.mark.parametrize(
    ("kind", "data", "problem"),
    [
        ("pdf", pdf(owner_password="a", user_password="b"), "it is encrypted"),
        ("pdf", pdf()[:700], "it is no PDF that can be read"),
        ("docx", packed(other="x"), "it is an archive, and no document"),
        ("docx", b"PK\x03\x04 broken", "its archive is broken"),
        ("docx", docx(paragraph("&d;"), ENTITIES), "it declares entities"),
        ("docx", docx("<w:p>" * 100_000), "its XML is broken, or nested too deeply"),
        ("html", b"<div>" * 5_000 + b"deep", "its elements are nested too deeply"),
        ("docx", packed(word__document_xml=b"\0" * (80 << 20)), "a ZIP bomb"),
        ("text", b" \n\n ", "it has no text"),
        ("ics", b"BEGIN:VCALENDAR\nnonsense", "it is no calendar that can be read"),
    ],
)
def test_hostile_files_are_refused_with_a_reason(kind: Format, data: bytes, problem: str) -> None:
    with pytest.raises(CannotRead, match=problem):
        read(kind, data)


def test_one_that_takes_too_much_memory_is_refused() -> None:
    with pytest.raises(CannotRead, match="takes too much memory"):
        read("text", b"word " * 10_000_000, memory=256 << 20)


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"%PDF-1.7", "a.txt", "pdf"),
        (docx(paragraph("a")), "a.pdf", "docx"),
        (b"<!DOCTYPE html><p>a", "a", "html"),
        (b"BEGIN:VCALENDAR\r\n", "a.txt", "ics"),
        (b"# a", "a.md", "markdown"),
        (b"# a", "a.txt", "text"),
        (b"From: a@b.c\nTo: d@e.f\nSubject: x\n\nHi", "a.txt", "eml"),
        (b"Subject: maths\n\nWhat we learned today.", "notes.txt", "text"),
        ("Grüße".encode("utf-16"), "a.txt", "text"),
    ],
)
def test_bytes_decide_what_a_file_is(data: bytes, name: str, kind: Format) -> None:
    assert sniff(data, name) == kind


@pytest.mark.parametrize(
    "taken_over",
    [
        {"blocks": [{"text": ""}]},
        {"blocks": [{"text": "x", "level": 7}]},
        {"blocks": [{"text": "x", "level": -1}]},
        {"blocks": [{"text": "x", "page": 1 << 40}]},
        {"blocks": [{"text": "x"}], "pages": -1},
        {"blocks": [{"text": "x"}] * (MOST_BLOCKS + 1)},
        {"blocks": [{"text": "x" * (MOST_CHARACTERS + 1)}]},
    ],
    ids=lambda given: str(given)[:40],
)
def test_a_reader_that_was_taken_over_costs_nobody_else_time(
    taken_over: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cutting 20,000 headings that are all in each other took minutes, beside the API."""

    async def run(*_: object) -> bytes:
        return msgspec.json.encode(taken_over)

    monkeypatch.setattr("pisovereign.documents.reading.run_confined", run)
    with pytest.raises(CannotRead, match="broken"):
        read("pdf", b"%PDF-1.7")
