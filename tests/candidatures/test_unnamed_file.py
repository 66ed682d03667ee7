"""A copy of a file without what its program noted of who made it."""

import zipfile
from io import BytesIO

import pikepdf
import pytest
from candidatures.form import MEDIA_TYPES, FileType
from candidatures.unnamed_file import can_be_unnamed, without_names
from PIL import Image

NAME = "Marie Curie"


def a_pdf() -> bytes:
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], T=NAME,
        Contents="Une remarque.",
    )  # fmt: skip
    page.Annots = pikepdf.Array([pdf.make_indirect(note)])
    pdf.docinfo["/Author"] = NAME
    with pdf.open_metadata() as noted:
        noted["dc:creator"] = [NAME]
    pdf.attachments["brouillon.txt"] = NAME.encode()
    written = BytesIO()
    pdf.save(written, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
    return written.getvalue()


def an_office_document(**parts: str) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return written.getvalue()


WORD = an_office_document(
    docProps__core=f"<cp:p><dc:creator>{NAME}</dc:creator>"
    f"<cp:lastModifiedBy>{NAME}</cp:lastModifiedBy></cp:p>",
    docProps__app=f"<Properties><Company>{NAME}</Company><Pages>2</Pages></Properties>",
    word__document=f'<w:ins w:id="1" w:author="{NAME}"><w:t>Du pain.</w:t></w:ins>',
    word__comments=f'<w:comment w:initials="MC" w:author="{NAME}"><w:t>Oui.</w:t></w:comment>',
    word__people=f"<w15:person w15:author='{NAME}'/>",
)
WRITER = an_office_document(
    meta=f"<office:meta><meta:initial-creator>{NAME}</meta:initial-creator>"
    f"<dc:creator>{NAME}</dc:creator></office:meta>",
    content=f"<text:p>Du pain.</text:p><office:annotation><dc:creator>{NAME}</dc:creator>"
    "</office:annotation>",
)
SLIDES = an_office_document(
    ppt__commentAuthors=f'<p:cmAuthor id="0" name="{NAME}" initials="MC"/>',
    ppt__slides__slide1="<a:t>Du pain.</a:t>",
)


def everything_in(content: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        return b"\n".join(archive.read(name) for name in archive.namelist())


def test_a_pdf_says_nothing_of_who_made_it_and_opens_still() -> None:
    copy = without_names(MEDIA_TYPES[FileType.PDF], BytesIO(a_pdf()))
    assert copy is not None
    assert NAME.encode() in a_pdf()
    with pikepdf.open(BytesIO(copy)) as pdf:
        assert len(pdf.pages) == 1
        assert str(pdf.pages[0].Annots[0].Contents) == "Une remarque."
        said = b"".join(
            one.read_bytes() for one in pdf.objects if isinstance(one, pikepdf.Stream)
        ) + b"".join(repr(one).encode() for one in pdf.objects)
    assert NAME.encode() not in said + copy


@pytest.mark.parametrize(
    ("kind", "content"),
    [(FileType.DOCX, WORD), (FileType.ODT, WRITER), (FileType.PPTX, SLIDES)],
)
def test_an_office_document_keeps_its_text_alone(kind: FileType, content: bytes) -> None:
    copy = without_names(MEDIA_TYPES[kind], BytesIO(content))
    assert copy is not None
    assert NAME.encode() in everything_in(content)
    assert NAME.encode() not in everything_in(copy)
    assert b"Du pain." in everything_in(copy)


@pytest.mark.parametrize("kind", [FileType.JPG, FileType.PNG, FileType.WEBP])
def test_a_picture_loses_the_notes_of_its_camera_and_stays_upright(kind: FileType) -> None:
    noted = Image.Exif()
    noted[0x013B] = NAME
    noted[0x0112] = 6  # turned a quarter
    written = BytesIO()
    Image.new("RGB", (40, 20), "orange").save(
        written, {"jpg": "JPEG"}.get(kind, kind.upper()), exif=noted
    )
    assert NAME.encode() in written.getvalue()
    copy = without_names(MEDIA_TYPES[kind], written)
    assert copy is not None
    assert NAME.encode() not in copy
    with Image.open(BytesIO(copy)) as picture:
        assert picture.size == (20, 40)


@pytest.mark.parametrize("kind", FileType)
def test_what_is_not_whole_or_not_known_gives_no_copy(kind: FileType) -> None:
    assert without_names(MEDIA_TYPES[kind], BytesIO(b"%PDF-1.7 PK\x03\x04 nothing")) is None
    assert can_be_unnamed(MEDIA_TYPES[kind]) != MEDIA_TYPES[kind].startswith(
        ("audio/", "video/", "image/heic")
    )


def test_a_document_that_unpacks_to_too_much_gives_no_copy() -> None:
    big = an_office_document(word__document="x" * 101_000_000)
    assert without_names(MEDIA_TYPES[FileType.DOCX], BytesIO(big)) is None
