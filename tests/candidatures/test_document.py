import os
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from candidatures.document import check_file, recognise
from candidatures.files import safe_name
from candidatures.form import DocumentAsked, FileType, Text
from essaim.keeping.documents import Documents, TooLarge
from essaim.refusal import Refusal
from hypothesis import given
from hypothesis import strategies as st

from tests.candidatures.premices import PDF

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(13)
ASKED = DocumentAsked(
    code="summary", label=Text(fr="Résumé"), allowed=(FileType.PDF, FileType.ODT, FileType.DOCX)
)


def an_archive(*names: str, mimetype: str = "") -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


DOCX = an_archive("docProps/app.xml", "[Content_Types].xml", "word/document.xml")
ODT = an_archive("content.xml", mimetype="application/vnd.oasis.opendocument.text")


def refusal_code(filename: str, content: bytes, declared: str = "") -> str:
    with pytest.raises(Refusal) as refused:
        check_file(ASKED, filename, declared, BytesIO(content))
    assert refused.value.status == 422
    return refused.value.code


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, FileType.PDF),
        (PNG, FileType.PNG),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", FileType.JPG),
        (DOCX, FileType.DOCX),
        (ODT, FileType.ODT),
        (an_archive("[Content_Types].xml", "xl/workbook.xml"), FileType.XLSX),
        (an_archive("holiday.jpg"), None),
        (b"PK\x03\x04 not an archive", None),
        (b"Bonjour", None),
    ],
)
def test_a_file_is_known_by_its_content(content: bytes, kind: FileType | None) -> None:
    assert recognise(BytesIO(content)) == kind


def test_what_was_asked_is_accepted() -> None:
    assert check_file(ASKED, "résumé.PDF", "application/pdf", BytesIO(PDF)) == FileType.PDF
    assert check_file(ASKED, "résumé.docx", "", BytesIO(DOCX)) == FileType.DOCX
    assert check_file(ASKED, "résumé.odt", "application/octet-stream", BytesIO(ODT)) == FileType.ODT


def test_a_file_under_a_false_name_or_type_is_refused() -> None:
    assert refusal_code("résumé.docx", PDF) == "disguised_file"
    assert refusal_code("résumé", PDF) == "disguised_file"
    assert refusal_code("résumé.pdf", PDF, "image/png") == "disguised_file"
    assert refusal_code("résumé.pdf", PNG) == "type_not_allowed"
    assert refusal_code("résumé.pdf", an_archive("holiday.jpg")) == "type_not_allowed"


@pytest.mark.parametrize(
    "program",
    [
        b"MZ\x90\x00" + bytes(60),
        b"\x7fELF\x02\x01\x01" + bytes(60),
        b"#!/bin/sh\nrm -rf /\n",
        an_archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        an_archive("Basic/Standard/x.xml", mimetype="application/vnd.oasis.opendocument.text"),
    ],
)
def test_a_program_is_refused_whatever_its_name(program: bytes) -> None:
    assert refusal_code("résumé.pdf", program) == "executable"


def test_an_empty_file_is_refused() -> None:
    assert refusal_code("résumé.pdf", b"") == "empty_file"


@given(st.binary(max_size=200))
def test_whatever_its_bytes_a_file_is_recognised_or_refused(content: bytes) -> None:
    try:
        kind = recognise(BytesIO(content))
    except Refusal as refused:
        kind = None
        code = refused.code
    else:
        code = "recognised"

    assert code in ("recognised", "executable", "empty_file")
    assert kind is None or kind in FileType


def test_a_name_never_leads_out_of_its_folder() -> None:
    assert safe_name("../../etc/passwd") == "passwd"
    assert safe_name("C:\\papiers\\résumé.pdf") == "résumé.pdf"
    assert safe_name("a\x00\nb.pdf") == "ab.pdf"
    assert safe_name("") == "document"
    assert safe_name(None) == "document"


# --- on the disk


def test_a_document_is_named_by_what_it_holds(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "documents")

    first = documents.keep(BytesIO(PDF), 1000)
    second = documents.keep(BytesIO(PDF), 1000)

    assert first == second
    assert first.size == len(PDF)
    assert documents.path_of(first.sha256).read_bytes() == PDF
    assert len([path for path in documents.folder.rglob("*") if path.is_file()]) == 1


def test_too_large_a_document_leaves_nothing_behind(tmp_path: Path) -> None:
    documents = Documents(tmp_path)

    with pytest.raises(TooLarge):
        documents.keep(BytesIO(bytes(1001)), 1000)

    assert list(tmp_path.rglob("*")) == []


def test_a_full_disk_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        Documents(tmp_path).keep(BytesIO(PDF), 1000)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_document_stored_a_moment_ago_is_not_removed(tmp_path: Path) -> None:
    documents = Documents(tmp_path)
    kept = documents.keep(BytesIO(PDF), 1000)

    assert not documents.remove(kept.sha256, older_than=600)
    assert documents.path_of(kept.sha256).exists()
    assert documents.remove(kept.sha256, older_than=0)
    assert not documents.path_of(kept.sha256).exists()
