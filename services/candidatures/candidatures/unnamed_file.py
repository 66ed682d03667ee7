"""A copy of a file without what its program noted of who made it, for an anonymous round.

A PDF, an office document and a picture say who made them where nobody looks: properties, comments,
tracked changes, a camera's notes. What stands in the text itself stays. Nothing is given back of a
kind whose notes are not known, nor of a file that cannot be read whole.
"""

import re
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import BinaryIO

import pikepdf
from PIL import Image, ImageOps

from candidatures.form import MEDIA_TYPES, FileType

LARGEST_UNPACKED = 100_000_000
"""Of an office document, in bytes: a larger one takes too long to write anew for each reader."""

_EMPTIED = re.compile(
    rb"(<(?P<tag>dc:creator|dc:title|dc:subject|dc:description|cp:lastModifiedBy|cp:keywords"
    rb"|cp:category|cp:contentStatus|Company|Manager|HyperlinkBase|meta:initial-creator"
    rb"|meta:printed-by|meta:keyword|meta:user-defined|vt:lpwstr|vt:lpstr|author"
    rb"|text:author-name|text:author-initials|text:initial-creator)\b[^>]*>)[^<]*(?=</(?P=tag)>)"
)
"""Elements of office documents that name somebody, or what she called her file."""
_UNSAID = re.compile(
    rb"(\s(?:w:|w15:|w16du:|p15:)?(?:author|initials|userId|providerId|displayName|lastModifiedBy)=)"
    rb'("[^"]*"|\'[^\']*\')'
)
_AUTHORS_OF_SLIDES = re.compile(rb'(\sname=)("[^"]*")')
_BROKEN = (
    pikepdf.PdfError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
    ValueError, KeyError, OSError, SyntaxError, Image.DecompressionBombError,
)  # fmt: skip
"""How a file fails that is not whole, or would take too much."""


def without_names(media_type: str, content: BinaryIO) -> bytes | None:
    """The copy; None where none can be made."""
    kind = next((kind for kind, name in MEDIA_TYPES.items() if name == media_type), None)
    clean = _CLEANED.get(kind) if kind else None
    if clean is None:
        return None
    content.seek(0)
    try:
        return clean(content)
    except _BROKEN:
        return None


def can_be_unnamed(media_type: str) -> bool:
    """Whether the notes of this kind of file are known."""
    return any(MEDIA_TYPES[kind] == media_type for kind in _CLEANED)


def _pdf(content: BinaryIO) -> bytes:
    with pikepdf.open(content) as pdf:
        if "/Info" in pdf.trailer:
            del pdf.trailer["/Info"]
        for one in pdf.objects:
            _forget_notes(one)
        written = BytesIO()
        pdf.save(written, encryption=False)
    return written.getvalue()


def _forget_notes(one: pikepdf.Object) -> None:
    """Properties, what a program kept for itself, files inside; who wrote a note, who signed."""
    if isinstance(one, pikepdf.Array):
        within = list(one)
    elif isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
        _forget(one, "/Metadata", "/PieceInfo", "/EmbeddedFiles", "/AF", "/FS")
        if "/Rect" in one and one.get("/Subtype") != pikepdf.Name.Widget:
            _forget(one, "/T")
        if one.get("/Type") == pikepdf.Name.Sig:
            _forget(one, "/Name", "/Contents", "/Cert", "/ContactInfo", "/Location", "/Reason")
        within = [one[key] for key in one.keys()]  # noqa: SIM118
    else:
        return
    for part in within:
        if isinstance(part, pikepdf.Object) and not part.is_indirect:
            _forget_notes(part)


def _forget(one: pikepdf.Object, *keys: str) -> None:
    for key in keys:
        if key in one:
            del one[key]


def _office(content: BinaryIO) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(written, "w") as new:
        if sum(one.file_size for one in old.infolist()) > LARGEST_UNPACKED:
            raise ValueError("too large to be written anew")
        for one in old.infolist():
            # Its own name and time; what programs add to a member may name its maker.
            member = zipfile.ZipInfo(one.filename)
            member.compress_type = one.compress_type
            new.writestr(member, _part(one.filename, old.read(one)))
    return written.getvalue()


def _part(name: str, content: bytes) -> bytes:
    if name.lower().endswith((".jpg", ".jpeg", ".png")):
        return _picture_inside(content)
    if not name.endswith((".xml", ".rels")):
        return content
    if b"\0" in content[:200]:
        raise ValueError("written in two bytes a sign: nothing could be found in it")
    unsaid = _UNSAID.sub(rb'\1""', _EMPTIED.sub(rb"\1", content))
    if "uthors" in name or "persons/" in name or "people" in name:
        unsaid = _AUTHORS_OF_SLIDES.sub(rb'\1""', unsaid)
    return unsaid


def _picture_inside(content: bytes) -> bytes:
    """One that cannot be read is left out: the document is read without it."""
    try:
        return _picture(BytesIO(content))
    except _BROKEN:
        return b""


def _picture(content: BinaryIO) -> bytes:
    with Image.open(content) as picture:
        kind = picture.format
        if kind not in ("JPEG", "PNG", "WEBP"):
            raise ValueError(f"{kind} is no picture of ours")
        # A camera's notes say which way is up: it is turned before they go.
        turned = ImageOps.exif_transpose(picture)
        bare = Image.frombytes(turned.mode, turned.size, turned.tobytes())
        if turned.mode == "P":
            bare.putpalette(turned.getpalette() or [])
        written = BytesIO()
        more = {} if kind == "PNG" else {"quality": 95}
        transparency = turned.info.get("transparency")
        if kind == "PNG" and transparency is not None:
            more["transparency"] = transparency
        bare.save(written, kind, **more)
    return written.getvalue()


_CLEANED: dict[FileType, Callable[[BinaryIO], bytes]] = {
    FileType.PDF: _pdf,
    **dict.fromkeys(
        (
            *(FileType.DOCX, FileType.XLSX, FileType.PPTX),
            *(FileType.ODT, FileType.ODS, FileType.ODP),
        ),
        _office,
    ),
    **dict.fromkeys((FileType.JPG, FileType.PNG, FileType.WEBP), _picture),
}
