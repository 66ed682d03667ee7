"""PDFs with a password, and those that only forbid changes: the empty password opens them."""

from io import BytesIO

import pytest
from candidatures.file_content import Unfit, recognise
from candidatures.form import FileType
from candidatures.pdf_password import wants_password
from hypothesis import given
from hypothesis import strategies as st

# An encryption dictionary of each generation, made with the user's password « » and « secret » and
# the owner's « owner »: revision, length of the key, /O, /U, /ID.
OPEN = [
    (
        2,
        40,
        "c92422687facee686e373f10b5c7d04738053152f7e2ee30e11c69ec442576ab",
        "776ccb97f257b54adbe6a4a903d82d0e47545b199975ceefb54f33b09ec09da4",
        "48d4cd2924a86075effc1de1fc57940f",
    ),
    (
        3,
        128,
        "566fa873ee33c797cd3b904fdadf814afa34df9a38f6ed41b984e2c6da2aa6f5",
        "e6a69a658782f02d5dcd6c1028f454ab28bf4e5e4e758a4164004e56fffa0108",
        "99e8e293bc9f2d7e448b919e69da5a45",
    ),
    (
        4,
        128,
        "566fa873ee33c797cd3b904fdadf814afa34df9a38f6ed41b984e2c6da2aa6f5",
        "e17255e7e82dfbc767b2c67d667f87c828bf4e5e4e758a4164004e56fffa0108",
        "7845146ec81c115e05dd0d69428ede16",
    ),
    (
        5,
        256,
        "48cf102155727cb544559562bf0da90420e88c7222d8d1cbd1bda3b39ffe6aad422faf07eb3a602e"
        "2c9bc5a5554b0959",
        "017be88315d7f0a6d4c62bb91040794ff6d9dd1c31b45e27f7776fabcc6e9c16f900a6fd0ca80a9a"
        "c529daf028f8ef20",
        "1a45442ab5e8e73e949430368524ea5c",
    ),
    (
        6,
        256,
        "a49afcfce5a3a638b5199134a42c84bb732394e26fe3a30c6456754fa92821bb20fa3ea93ebd8f4e"
        "426fa206e328fd27",
        "b5baaed43c9f01b6feb7f204b4b58cece4568383681b187a813545bce4c214fe680024c2fb743742"
        "bfc61102a388967d",
        "d14219ac39e45da9d74aee1cb2320cc8",
    ),
]
LOCKED = [
    (
        2,
        40,
        "92fe0f4454ad4c9644693f33c07cb54f587dce1e2682fe9ecea6107a1ef630dd",
        "19dcae1cbe9bf1132ee9cee0e6427f142332bd99b503ab80e1b0891f36f5d6b7",
        "31ffb7ee5762bf127ea20bd26d50597b",
    ),
    (
        3,
        128,
        "0db5855fc5326569e765906caf64e4429a4c20d6e996fdef963e9b5080f9e083",
        "f16438c2ef9c6e424fc276e4f91ad7ca28bf4e5e4e758a4164004e56fffa0108",
        "55419aed2c655c6f72d00cd0841f6eb8",
    ),
    (
        4,
        128,
        "0db5855fc5326569e765906caf64e4429a4c20d6e996fdef963e9b5080f9e083",
        "67ff57df88ef0b2a1efc6610c11814eb28bf4e5e4e758a4164004e56fffa0108",
        "a29b31fd89e429c42cea5f0e55384b97",
    ),
    (
        5,
        256,
        "01881a082f24a0279913eb510e16f29eef4b562af286dcf1c78a72170d1f32796d0b8fafe71f89e9"
        "a5fd01119d5fae44",
        "452a477f1e533f0e0669c19aba13b40d808700bc53d050c627d9aa87aeedd1364f2f30ced3a27ae5"
        "16b2b6bf4fcc003c",
        "4506db505a3f006efb70749dffa2d71c",
    ),
    (
        6,
        256,
        "7e5bf22c727ea45baed764d815885a7443f75875c3219d20220237570d0fc3ef02cdb721e88f1a8d"
        "79e08005ab86d419",
        "b5d0dd823f66d6999ca5fdb42c881154f0d9dafef8ee65f3a41f8345075d03bc56385e7b2055a4de"
        "11e9ac9ed04957a0",
        "5a4f41f0cc42c50fe78db43778b6b5e6",
    ),
]


def hex_of(text: bytes) -> str:
    return f"<{text.hex()}>"


def literal_of(text: bytes) -> str:
    """As other writers put it: octal escapes, and signs that stand for themselves."""
    plain = {ord(sign) for sign in "abcdefghij0123456789 -!"}
    return "(" + "".join(chr(one) if one in plain else f"\\{one:03o}" for one in text) + ")"


def a_pdf(
    made: tuple[int, int, str, str, str], write: object = hex_of, filter: str = "StdCF"
) -> bytes:
    revision, length, owner, user, id = made
    assert callable(write)
    text = (
        "%PDF-1.7\n7 0 obj\n<< /Filter /Standard /P -4 "
        f"/R {revision} /Length {length} /StmF /{filter} "
        f"/O {write(bytes.fromhex(owner))} /U {write(bytes.fromhex(user))} >>\nendobj\n"
        f"trailer\n<< /Encrypt 7 0 R /ID [<{id}> <00>] >>\nstartxref\n0\n%%EOF\n"
    )
    return text.encode("latin-1")


@pytest.mark.parametrize("write", [hex_of, literal_of])
@pytest.mark.parametrize("made", LOCKED)
def test_a_file_with_a_password_is_said_to_have_one(
    made: tuple[int, int, str, str, str], write: object
) -> None:
    assert recognise(BytesIO(a_pdf(made, write))) == Unfit.ENCRYPTED


@pytest.mark.parametrize("write", [hex_of, literal_of])
@pytest.mark.parametrize("made", OPEN)
def test_a_file_that_only_forbids_changes_is_taken(
    made: tuple[int, int, str, str, str], write: object
) -> None:
    assert recognise(BytesIO(a_pdf(made, write))) == FileType.PDF


def test_the_dictionary_may_stand_far_from_the_end() -> None:
    locked = a_pdf(LOCKED[-1])
    head, _, trailer = locked.partition(b"trailer")

    assert wants_password(BytesIO(head + b"x" * 500_000 + b"\ntrailer" + trailer))


def test_what_is_not_sure_is_no_password() -> None:
    locked = a_pdf(LOCKED[1])

    for missing in (b"/O ", b"/U ", b"/ID ", b"/R ", b"7 0 obj", b"/Encrypt "):
        assert not wants_password(BytesIO(locked.replace(missing, b"/x ")))
    assert not wants_password(BytesIO(a_pdf(LOCKED[-1], filter="Identity")))


@given(st.integers(0, 600), st.binary(max_size=12))
def test_a_spoiled_file_is_a_pdf_or_none_and_no_error(at: int, spoilt: bytes) -> None:
    locked = a_pdf(LOCKED[-1])
    content = locked[:at] + spoilt + locked[at + len(spoilt) :]

    assert recognise(BytesIO(content)) in (FileType.PDF, Unfit.ENCRYPTED, None, *Unfit)
