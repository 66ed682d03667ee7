import os
import struct
import tracemalloc
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pytest
from candidatures.document import check_file, named_as, safe_name
from candidatures.file_content import Unfit, recognise
from candidatures.form import EXTENSIONS, MEDIA_TYPES, USUAL, DocumentAsked, FileType, Text
from essaim.keeping.documents import Documents, TooLarge
from essaim.refusal import Refusal
from hypothesis import given
from hypothesis import strategies as st

from tests.candidatures.premices import PDF

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(13)
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF"
MEGABYTE = 1_000_000
ASKED = DocumentAsked(
    code="summary", label=Text(fr="Résumé"), allowed=(FileType.PDF, FileType.ODT, FileType.DOCX)
)
WORD, EXCEL, POWERPOINT = (
    f"application/vnd.openxmlformats-officedocument.{kind}.main+xml"
    for kind in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")
)
OPEN = "application/vnd.oasis.opendocument."


def an_archive(members: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def an_office_file(kind: str, part: str = "word/document.xml") -> bytes:
    """A package whose main part, of this content type, stands at `part`."""
    target = part.removeprefix("/")
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/{target}" ContentType="{kind}"/></Types>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="a" Target="docProps/app.xml" Type="http://x/extended-properties"/>'
        '<Relationship Id="b" Type="http://x/officeDocument" '
        f'Target="{part}"/></Relationships>'
    )
    return an_archive(
        {
            "docProps/app.xml": "x",
            "[Content_Types].xml": types,
            "_rels/.rels": relations,
            target: "x",
        }
    )


def an_open_document(kind: str, **more: str) -> bytes:
    return an_archive({"mimetype": f"{OPEN}{kind}", "content.xml": "x"} | more)


DOCX, ODT = an_office_file(WORD), an_open_document("text")


def a_compound_file(*streams: str) -> bytes:
    head = bytearray(512)
    head[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<H", head, 30, 9)
    struct.pack_into("<L", head, 48, 1)
    directory = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in streams)
    return bytes(head) + bytes(512) + directory


def refusal_code(content: bytes, asked: DocumentAsked = ASKED) -> str:
    with pytest.raises(Refusal) as refused:
        check_file(asked, "résumé.pdf", BytesIO(content))
    assert refused.value.status == 422
    return refused.value.code


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, FileType.PDF),
        (b"\r\n" + PDF, FileType.PDF),
        (b"\xef\xbb\xbf" + PDF, FileType.PDF),
        (bytes(1000) + PDF, FileType.PDF),
        (bytes(1100) + PDF, None),
        (PNG, FileType.PNG),
        (JPG, FileType.JPG),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", FileType.WEBP),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", FileType.HEIC),
        (b"\x00\x00\x00\x18ftypheix\x00\x00\x00\x00mif1heix", FileType.HEIC),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", FileType.HEIC),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1avif", None),
        (b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif", None),
        (b"\x00\x00\x00\x18ftyp3gp4\x00\x00\x00\x003gp4isom", FileType.MP4),
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41", FileType.MP4),
        (b"ID3\x03\x00", FileType.MP3),
        (b"\xff\xfb\x90\x64", FileType.MP3),
        (b"\x00\x00\x00\x1cftypM4A \x00\x00\x00\x00M4A isom", FileType.M4A),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", FileType.MP4),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", FileType.MOV),
        (b"OggS\x00\x02", FileType.OGG),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", FileType.WAV),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", FileType.WEBM),
        (DOCX, FileType.DOCX),
        (an_office_file(WORD, "word/document2.xml"), FileType.DOCX),
        (an_office_file(WORD, "/word/document2.xml"), FileType.DOCX),
        (an_office_file(EXCEL, "xl/workbook.xml"), FileType.XLSX),
        (an_office_file(EXCEL, "Feuilles/Classeur.XML"), FileType.XLSX),
        (an_office_file(POWERPOINT, "ppt/presentation.xml"), FileType.PPTX),
        (ODT, FileType.ODT),
        (an_open_document("spreadsheet"), FileType.ODS),
        (an_open_document("presentation"), FileType.ODP),
        (an_archive({"holiday.jpg": JPG}), None),
        (an_archive({"word/document.xml": "x", "[Content_Types].xml": "x"}), None),
        (b"PK\x03\x04 not an archive", None),
        (b"Bonjour", None),
        (a_compound_file("Root Entry", "Message"), None),
    ],
)
def test_a_file_is_known_by_its_content(content: bytes, kind: FileType | None) -> None:
    assert recognise(BytesIO(content)) == kind


def test_word_in_utf_16_and_with_prefixes_is_word() -> None:
    types = (
        '<?xml version="1.0" encoding="UTF-16"?><t:Types xmlns:t="http://x">'
        f"<t:Default Extension='xml' ContentType='{WORD}'/></t:Types>"
    )
    relations = '<r:R xmlns:r="x"><r:Relationship Type="/officeDocument" Target="./a.xml"/></r:R>'
    content = an_archive({"[Content_Types].xml": types.encode("utf-16"), "_rels/.rels": relations})

    assert recognise(BytesIO(content)) == FileType.DOCX


@pytest.mark.parametrize(
    ("sent", "content", "kept"),
    [
        ("résumé.pdf", PDF, "résumé.pdf"),
        ("résumé.PDF", PDF, "résumé.PDF"),
        ("résumé", PDF, "résumé.pdf"),
        ("résumé.docx", PDF, "résumé.pdf"),
        ("plan.zip", DOCX, "plan.docx"),
        ("plan.doc", DOCX, "plan.docx"),
        ("plan.v2", DOCX, "plan.v2.docx"),
        ("plan.bin", ODT, "plan.odt"),
        (".pdf", DOCX, "document.docx"),
        ("", DOCX, "document.docx"),
        ("photo.jfif", JPG, "photo.jfif"),
        ("photo.jpeg", JPG, "photo.jpeg"),
        ("photo.JPE", JPG, "photo.JPE"),
        ("photo.png", JPG, "photo.jpg"),
        ("photo.jpg.", JPG, "photo.jpg"),
    ],
)
def test_whatever_its_name_a_file_is_taken_and_named_rightly(
    sent: str, content: bytes, kept: str
) -> None:
    asked = ASKED.model_copy(update={"allowed": USUAL})

    assert named_as(check_file(asked, sent, BytesIO(content)), safe_name(sent)) == kept


def test_a_kind_that_was_not_asked_is_refused_with_those_that_are() -> None:
    assert refusal_code(PNG) == "type_not_allowed"
    assert refusal_code(an_archive({"holiday.jpg": JPG})) == "type_not_allowed"
    assert refusal_code(b"\xff\xfb\x90\x64", FILE_OF_ANY_USUAL_KIND) == "type_not_allowed"


FILE_OF_ANY_USUAL_KIND = DocumentAsked(code="any", label=Text(fr="Fichier"))


def test_a_call_may_ask_for_sound_in_the_container_recorders_use() -> None:
    asked = DocumentAsked(code="pitch", label=Text(fr="Pitch"), allowed=(FileType.M4A,))
    recorded = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"

    assert check_file(asked, "pitch.m4a", BytesIO(recorded)) == FileType.M4A


def test_every_kind_has_a_media_type_and_an_extension() -> None:
    assert set(MEDIA_TYPES) == set(EXTENSIONS) == set(FileType)
    assert ASKED.accept == ".pdf,.odt,.docx"
    photo = DocumentAsked(code="photo", label=Text(fr="Photo"), allowed=(FileType.JPG,))
    assert photo.accept == ".jpg,.jpeg,.jpe,.jfif"


@pytest.mark.parametrize(
    "program",
    [
        b"MZ\x90\x00" + bytes(60),
        b"\x7fELF\x02\x01\x01" + bytes(60),
        b"#!/bin/sh\n# %PDF-1.4\nrm -rf /\n",
        an_archive({"[Content_Types].xml": "x", "word/vbaProject.bin": "x"}),
        an_office_file("application/vnd.ms-word.document.macroEnabled.main+xml"),
        an_archive({"Basic/Standard/x.xml": "x", "mimetype": f"{OPEN}text"}),
    ],
)
def test_a_program_is_refused_whatever_its_name(program: bytes) -> None:
    assert refusal_code(program) == "executable"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (a_compound_file("Root Entry", "EncryptedPackage"), "encrypted_file"),
        (a_compound_file("Root Entry", "WordDocument"), "old_office"),
        (a_compound_file("Root Entry", "PowerPoint Document"), "old_office"),
        (an_open_document("text", **{"encrypted-package": "x"}), "encrypted_file"),
        (
            an_open_document("text", **{"META-INF/manifest.xml": "<m:encryption-data/>"}),
            "encrypted_file",
        ),
    ],
)
def test_what_nobody_could_read_is_refused_with_what_to_do(content: bytes, code: str) -> None:
    assert refusal_code(content) == code


# --- bombs and broken archives


def lying_about_sizes(archive: bytes, unpacked: int) -> bytes:
    """The same, with another unpacked size for each member, where readers look for it."""
    lying, at = bytearray(archive), archive.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<L", lying, at + 24, unpacked)
        at = archive.find(b"PK\x01\x02", at + 1)
    return bytes(lying)


def with_broken_deflate(archive: bytes) -> bytes:
    """The same, its first member's stream broken."""
    broken, named = bytearray(archive), struct.unpack_from("<H", archive, 26)[0]
    broken[30 + named : 30 + named + 8] = b"\xff" * 8
    return bytes(broken)


def many_members(count: int) -> bytes:
    """A list that names the same place again and again, as no writer makes one."""
    local = struct.pack("<4sHHHHHLLLHH", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"x"
    entry = struct.pack(
        "<4sHHHHHHLLLHHHHHLL", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0
    )
    directory = (entry + b"x") * count
    end = struct.pack(
        "<4sHHHHLLH", b"PK\5\6", 0, 0, count & 0xFFFF, count & 0xFFFF, len(directory), len(local), 0
    )
    return local + directory + end


BOMBS = {
    "bzip2": an_archive({"mimetype": bytes(60 * MEGABYTE)}, zipfile.ZIP_BZIP2),
    "lzma": an_archive({"mimetype": bytes(60 * MEGABYTE)}, zipfile.ZIP_LZMA),
    "deflate": an_archive({"mimetype": bytes(120 * MEGABYTE)}),
    "lying": lying_about_sizes(an_archive({"mimetype": bytes(120 * MEGABYTE)}), 47),
    "lying parts": lying_about_sizes(
        an_archive({"[Content_Types].xml": "x", "_rels/.rels": bytes(90 * MEGABYTE)}), 500
    ),
    "nested": an_archive({"mimetype": f"{OPEN}text", "a.zip": an_archive({"b": bytes(MEGABYTE)})}),
    "members": many_members(300_000),
    "entities": an_archive(
        {
            "[Content_Types].xml": "x",
            "_rels/.rels": '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>',
        }
    ),
    "deep": an_archive({"[Content_Types].xml": "x", "_rels/.rels": "<a>" * 80_000}),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_little_memory_whatever_it_is_made_of(name: str) -> None:
    content = BytesIO(BOMBS[name])
    tracemalloc.start()
    try:
        recognise(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 30 * MEGABYTE


def test_what_fills_the_disk_of_whoever_opens_it_is_refused() -> None:
    assert recognise(BytesIO(BOMBS["deflate"])) == Unfit.BOMB
    assert refusal_code(BOMBS["deflate"]) == "unpacks_to_too_much"
    assert recognise(BytesIO(an_open_document("text", a="x" * 90 * MEGABYTE))) == FileType.ODT


@pytest.mark.parametrize(
    "broken",
    [
        with_broken_deflate(ODT),
        with_broken_deflate(an_archive({"[Content_Types].xml": "a" * 99, "_rels/.rels": "b" * 99})),
        lying_about_sizes(ODT, 0xFFFFFFFF),
        ODT[:-1],
        ODT[: len(ODT) // 2],
        DOCX.replace(b"PK\x01\x02", b"PK\x09\x09", 1),
        b"PK\x05\x06" + bytes(18),
        b"PK\x03\x04" + b"\xff" * 100,
        an_archive({"mimetype": b"\xff\xfe\x00"}),
        an_archive({"mimetype": b""}),
        an_office_file(WORD)[:40] + b"PK\x06\x06" + b"\xff" * 52 + b"PK\x06\x07" + DOCX[-38:],
    ],
)
def test_a_broken_archive_is_no_document_and_no_error(broken: bytes) -> None:
    assert recognise(BytesIO(broken)) in (None, Unfit.BOMB)


@given(st.binary(max_size=200))
def test_whatever_its_bytes_a_file_is_recognised_or_not(content: bytes) -> None:
    assert recognise(BytesIO(content)) in {None, *FileType, *Unfit}


@given(st.sampled_from([ODT, DOCX]), st.integers(0, 2000), st.binary(max_size=8))
def test_a_spoiled_office_file_is_recognised_or_not(whole: bytes, at: int, spoilt: bytes) -> None:
    place = at % len(whole)
    content = whole[:place] + spoilt + whole[place + len(spoilt) :]

    assert recognise(BytesIO(content)) in {None, *FileType, *Unfit}


# --- names


def test_a_name_never_leads_out_of_its_folder() -> None:
    assert safe_name("../../etc/passwd") == "passwd"
    assert safe_name("C:\\papiers\\résumé.pdf") == "résumé.pdf"
    assert safe_name("a\x00\nb.pdf") == "a b.pdf"
    assert safe_name("..") == "document"
    assert safe_name("") == "document"
    assert safe_name(None) == "document"
    assert safe_name("\u200b.pdf") == "document.pdf"


def test_a_name_comes_back_as_it_was_before_the_browser_wrote_its_quotes_otherwise() -> None:
    assert safe_name("plan %22final%22.pdf") == 'plan "final".pdf'
    assert safe_name("a%0D%0AX: b.pdf") == "a X: b.pdf"
    assert safe_name("100%25 bio.pdf") == "100%25 bio.pdf"


def test_a_name_from_a_mac_or_a_word_processor_is_kept_as_it_reads() -> None:
    assert safe_name("E\u0301tude.pdf") == "Étude.pdf"
    assert safe_name("plan\u00a0d'affaires.pdf") == "plan d'affaires.pdf"
    assert safe_name("plan\u202efdp.exe") == "planfdp.exe"
    assert safe_name("\u200b.pdf\u200b") == "document.pdf"
    assert safe_name("étude 👩‍🌾.pdf") == "étude 👩‍🌾.pdf"


def test_a_long_name_is_cut_before_its_extension() -> None:
    assert safe_name("é" * 300 + ".pdf") == "é" * 150 + ".pdf"
    assert safe_name("a" * 300) == "a" * 150
    assert safe_name("a." + "b" * 300) == "a." + "b" * 148


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
