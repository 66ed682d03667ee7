"""Whether a PDF asks for a password before it shows anything (ISO 32000-2, 7.6).

Many an official form is encrypted only to forbid changes: every reader opens it, since its password
is empty. So an encrypted file is refused only when it is sure that the empty password does not open
it. Nothing is unpacked to know: what is asked here always stands in the open.
"""

import re
from collections.abc import Iterator
from hashlib import md5, sha256, sha384, sha512
from typing import BinaryIO

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

_WINDOW = 65_536
_LONGEST_DICTIONARY = 4096
_ENCRYPT = re.compile(rb"/Encrypt\s+(\d{1,9})\s+(\d{1,5})\s+R")
_ID = re.compile(rb"/ID\s*\[\s*(<[0-9A-Fa-f\s]*>|\((?:\\.|[^\\()])*\))", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_ESCAPED |= {b"\n": b"", b"\r": b"", b"\r\n": b""}
_PAD = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


def wants_password(content: BinaryIO) -> bool:
    """Whether nobody sees anything of it without a password. False whenever that is not sure."""
    ends = b"\n".join(_ends(content))
    named = _ENCRYPT.search(ends)
    dictionary = _object(content, named[1], named[2]) if named else None
    if dictionary is None:
        return False
    revision, owner, user = _number(dictionary, b"R"), *(_text(dictionary, key) for key in b"OU")
    if revision is None or owner is None or user is None or _only_attachments(dictionary, revision):
        return False
    if revision in (5, 6) and len(user) >= 48:
        hashed = sha256(user[32:40]).digest() if revision == 5 else _hash_of_nothing(user[32:40])
        return hashed != user[:32]
    id = _string(found[1]) if (found := _ID.search(ends)) else None
    if revision in (2, 3, 4) and id is not None and len(owner) == len(user) == 32:
        return not _opens(dictionary, revision, owner, user, id)
    return False


def _only_attachments(dictionary: bytes, revision: int) -> bool:
    return revision >= 4 and not re.search(rb"/StmF\s*/(?!Identity\b)", dictionary)


def _ends(content: BinaryIO) -> Iterator[bytes]:
    """Where trailers are: at the end, and at the start of a file made for the web."""
    content.seek(0)
    yield content.read(_WINDOW)
    end = content.seek(0, 2)
    content.seek(max(0, end - _WINDOW))
    yield content.read()


def _object(content: BinaryIO, number: bytes, generation: bytes) -> bytes | None:
    """The start of the last object of this number; an encryption dictionary is never packed."""
    begins = re.compile(rb"(?<![0-9])%s\s+%s\s+obj" % (number, generation))
    at, found = 0, None
    while piece := _piece(content, at):
        for match in begins.finditer(piece):
            found = at + match.end()
        at += _WINDOW
    if found is None:
        return None
    content.seek(found)
    return content.read(_LONGEST_DICTIONARY).partition(b"endobj")[0]


def _piece(content: BinaryIO, at: int) -> bytes:
    content.seek(at)
    return content.read(_WINDOW + 64)


def _number(dictionary: bytes, key: bytes) -> int | None:
    found = re.search(rb"/%s\s+(-?\d{1,10})(?![0-9])" % key, dictionary)
    return int(found[1]) if found else None


def _text(dictionary: bytes, key: int) -> bytes | None:
    begins = rb"/%c\s*(<[0-9A-Fa-f\s]*>|\((?:\\.|[^\\()])*\))"
    found = re.search(begins % key, dictionary, re.DOTALL)
    return _string(found[1]) if found else None


def _string(written: bytes) -> bytes | None:
    """None for one with a bare end of line, which some writers mean and others do not."""
    if written.startswith(b"<"):
        digits = re.sub(rb"\s", b"", written[1:-1]).decode()
        return bytes.fromhex(digits + "0" * (len(digits) % 2))
    if re.search(rb"(?<!\\)\r", written):
        return None
    return _ESCAPE.sub(_unescaped, written[1:-1])


def _unescaped(found: re.Match[bytes]) -> bytes:
    said = found[1]
    return bytes([int(said, 8) & 255]) if said[:1] in b"01234567" else _ESCAPED.get(said, said)


# --- the three generations of encryption, with the empty password


def _opens(dictionary: bytes, revision: int, owner: bytes, user: bytes, id: bytes) -> bool:
    """RC4, and AES with keys of 128 bits (algorithms 2, 4, 5 and 6)."""
    rights = _number(dictionary, b"P") or 0
    text = _PAD + owner + (rights & 0xFFFFFFFF).to_bytes(4, "little") + id
    if revision == 4 and re.search(rb"/EncryptMetadata\s+false", dictionary):
        text += b"\xff" * 4
    length = 5 if revision == 2 else min(16, max(5, (_number(dictionary, b"Length") or 40) // 8))
    key = md5(text, usedforsecurity=False).digest()
    if revision == 2:
        return _rc4(key[:5], _PAD) == user[:32]
    if revision == 4:
        length = 16
    for _ in range(50):
        key = md5(key[:length], usedforsecurity=False).digest()
    made = md5(_PAD + id, usedforsecurity=False).digest()
    for turn in range(20):
        made = _rc4(bytes(one ^ turn for one in key[:length]), made)
    return made == user[:16]


def _rc4(key: bytes, text: bytes) -> bytes:
    return Cipher(ARC4(key), mode=None).encryptor().update(text)


def _hash_of_nothing(salt: bytes) -> bytes:
    """AES with keys of 256 bits, as PDF 2.0 has it (algorithm 2.B)."""
    key, turn, last = sha256(salt).digest(), 0, 0
    while turn < 64 or last > turn - 32:
        encryptor = Cipher(AES(key[:16]), CBC(key[16:32])).encryptor()
        mixed = encryptor.update(key * 64)
        key = (sha256, sha384, sha512)[sum(mixed[:16]) % 3](mixed).digest()
        turn, last = turn + 1, mixed[-1]
    return key[:32]
