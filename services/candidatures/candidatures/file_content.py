"""What a file is, by its content: its name and the type its sender states tell little.

A stranger sends it, so nothing is unpacked but the first bytes of a few small members, and only
once the archive's own list says that it is one we read. `filetype` knows the plain formats by their
first bytes and opens nothing; what stands inside an office document, it does not tell soundly.
"""

import zipfile
import zlib
from collections.abc import Iterator
from enum import Enum
from posixpath import normpath
from struct import error as StructError
from struct import unpack_from
from typing import BinaryIO
from xml.parsers import expat

import filetype  # type: ignore[import-untyped]

from candidatures.form import FileType
from candidatures.pdf_password import wants_password


class Unfit(Enum):
    """Why a file is accepted nowhere, whatever a call allows."""

    EMPTY = "empty"
    EXECUTABLE = "executable"
    ENCRYPTED = "encrypted"
    """It asks for a password, which a committee does not have."""
    OLD_OFFICE = "old_office"
    """Word, Excel or PowerPoint of before 2007, whose macros cannot be told from its text."""
    BOMB = "bomb"
    """It would fill the disk, or the memory, of whoever opens it."""


_HEAD = 8192
_PDF_HEADER_WITHIN = 1024
"""What precedes « %PDF- » there is skipped by every reader (ISO 32000-1, annex H)."""
_PLAIN = {kind.value: kind for kind in FileType} | {"apng": FileType.PNG}
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis"), FileType.HEIC),
    **dict.fromkeys((b"M4A ", b"M4B "), FileType.M4A),
    b"qt  ": FileType.MOV,
}
"""Of the container of MPEG-4, those that are no film; cameras and phones write many others."""
_STILL = {b"mif1", b"msf1"}
_NOT_OURS = {b"avif", b"avis", b"crx ", b"jp2 ", b"jpx ", b"jpm "}
_EXECUTABLES = {"exe", "elf", "dex", "deb", "rpm", "class", "swf", "wasm", "crx", "cab"}
_OPEN_DOCUMENTS = {
    b"application/vnd.oasis.opendocument.text": FileType.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": FileType.ODS,
    b"application/vnd.oasis.opendocument.presentation": FileType.ODP,
}
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OFFICE_PARTS = {
    f"{_OFFICE}wordprocessingml.document.main+xml": FileType.DOCX,
    f"{_OFFICE}spreadsheetml.sheet.main+xml": FileType.XLSX,
    f"{_OFFICE}presentationml.presentation.main+xml": FileType.PPTX,
    f"{_OFFICE}presentationml.slideshow.main+xml": FileType.PPTX,
}
_WITH_MACROS = "macroenabled.main+xml"

_LARGEST_DIRECTORY = 512 * 1024
"""Of an archive, in bytes: some 5,000 members, each of which costs memory once it is read."""
_LARGEST_MEMBER_READ = 256 * 1024
_LARGEST_UNPACKED = 1_000_000_000
_SMALL_UNPACKED, _LARGEST_RATIO = 100_000_000, 100
_READABLE = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, StructError,
           ValueError, KeyError, OSError, expat.ExpatError)  # fmt: skip
"""How a broken archive fails, or a broken member of it."""


def recognise(content: BinaryIO) -> FileType | Unfit | None:
    """The kind of a file; None for any that no call asks for."""
    content.seek(0)
    head = content.read(_HEAD)
    if not head:
        return Unfit.EMPTY
    guess = filetype.guess(head)
    extension = guess.extension if guess else ""
    if extension in _EXECUTABLES or head.startswith((b"MZ", b"#!")):
        return Unfit.EXECUTABLE
    if head.startswith(b"PK"):
        return _in_archive(content)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _in_compound_file(content, head)
    if head[4:8] == b"ftyp":
        return _in_mpeg_4(head)
    if extension != FileType.PDF and extension in _PLAIN:
        return _PLAIN[extension]
    if b"%PDF-" in head[: _PDF_HEADER_WITHIN + 4]:
        return Unfit.ENCRYPTED if wants_password(content) else FileType.PDF
    return None


def _in_mpeg_4(head: bytes) -> FileType | None:
    brand, others = head[8:12], head[16:64]
    if brand in _STILL:
        return FileType.HEIC if any(one in others for one in (b"heic", b"heix")) else None
    return None if brand in _NOT_OURS else _BRANDS.get(brand, FileType.MP4)


# --- archives: office documents are zip archives, and only what is inside tells them apart


def _in_archive(content: BinaryIO) -> FileType | Unfit | None:
    try:
        if _directory_size(content) > _LARGEST_DIRECTORY:
            return None
        with zipfile.ZipFile(content) as archive:
            return _office_kind(archive)
    except _BROKEN:
        return None


def _directory_size(content: BinaryIO) -> int:
    """How long the list of members is, by the two records `zipfile` believes.

    Raises:
        BadZipFile: there is no such list.
    """
    end = content.seek(0, 2)
    content.seek(max(0, end - 22 - 20 - 56 - 65_535))
    tail = content.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + 22 > len(tail):
        raise zipfile.BadZipFile("no end of central directory")
    size = int(unpack_from("<L", tail, at + 12)[0])
    if at >= 76 and tail[at - 76 : at - 72] == b"PK\x06\x06":
        size = max(size, int(unpack_from("<Q", tail, at - 36)[0]))
    return size


def _office_kind(archive: zipfile.ZipFile) -> FileType | Unfit | None:
    members = archive.infolist()
    if any(one.compress_type not in _READABLE for one in members):
        return None
    if _unpacks_to_too_much(members):
        return Unfit.BOMB
    names = {one.filename for one in members}
    if any(name.lower().endswith("vbaproject.bin") for name in names) or any(
        name.startswith("Basic/") for name in names
    ):
        return Unfit.EXECUTABLE
    if "[Content_Types].xml" in names:
        return _open_xml(archive)
    return _open_document(archive, names) if "mimetype" in names else None


def _unpacks_to_too_much(members: list[zipfile.ZipInfo]) -> bool:
    unpacked = sum(one.file_size for one in members)
    packed = sum(one.compress_size for one in members)
    is_dense = unpacked > _SMALL_UNPACKED and unpacked > _LARGEST_RATIO * packed
    return is_dense or unpacked > _LARGEST_UNPACKED


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    """The first bytes of a member: what it says of its own size may be a lie."""
    with archive.open(name) as member:
        return member.read(_LARGEST_MEMBER_READ)


def _open_document(archive: zipfile.ZipFile, names: set[str]) -> FileType | Unfit | None:
    kind = _OPEN_DOCUMENTS.get(_read(archive, "mimetype").strip())
    if kind is None:
        return None
    if "encrypted-package" in names:
        return Unfit.ENCRYPTED
    manifest = "META-INF/manifest.xml"
    if manifest in names and b"encryption-data" in _read(archive, manifest):
        return Unfit.ENCRYPTED
    return kind


def _open_xml(archive: zipfile.ZipFile) -> FileType | Unfit | None:
    """By the type of the part that the package begins with, wherever and however it is named."""
    targets = [
        attributes.get("Target", "")
        for tag, attributes in _elements(_read(archive, "_rels/.rels"))
        if tag == "Relationship" and attributes.get("Type", "").endswith("/officeDocument")
    ]
    if not targets:
        return None
    part = normpath(f"/{targets[0]}").replace("//", "/").lower()
    by_extension, by_part = {}, {}
    for tag, attributes in _elements(_read(archive, "[Content_Types].xml")):
        if tag == "Default":
            by_extension[attributes.get("Extension", "").lower()] = attributes.get("ContentType")
        elif tag == "Override":
            by_part[attributes.get("PartName", "").lower()] = attributes.get("ContentType")
    stated = by_part.get(part) or by_extension.get(part.rpartition(".")[2]) or ""
    if stated.lower().endswith(_WITH_MACROS):
        return Unfit.EXECUTABLE
    return _OFFICE_PARTS.get(stated)


def _elements(xml: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """The elements of a part, without their namespace, as far as it was read.

    Raises:
        ValueError: it defines entities, which no office document does, and a bomb might.
    """
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def begin(name: str, attributes: dict[str, str]) -> None:
        found.append((name.rpartition(" ")[2], attributes))

    def refuse(*_: object) -> None:
        raise ValueError("a part of an office document has a document type")

    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(xml, len(xml) < _LARGEST_MEMBER_READ)
    yield from found


# --- compound files (MS-CFB): office documents of before 2007, and those with a password


def _in_compound_file(content: BinaryIO, head: bytes) -> Unfit | None:
    """By the streams its first directory sector names."""
    power, sector = unpack_from("<H", head, 30)[0], unpack_from("<L", head, 48)[0]
    if power not in (9, 12):
        return None
    content.seek((sector + 1) << power)
    named = content.read(4096)
    if _is_named("EncryptedPackage", named):
        return Unfit.ENCRYPTED
    old = ("WordDocument", "Workbook", "Book", "PowerPoint Document")
    return Unfit.OLD_OFFICE if any(_is_named(one, named) for one in old) else None


def _is_named(stream: str, directory: bytes) -> bool:
    return stream.encode("utf-16-le") in directory
