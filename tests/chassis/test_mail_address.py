import pytest
from essaim.text.mail_address import canonical_address, comparable_address, wire_address
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("typed", "kept", "sent"),
    [
        ("Lou@Exemple.FR", "Lou@exemple.fr", "Lou@exemple.fr"),
        (" lou@exemple.fr\n", "lou@exemple.fr", "lou@exemple.fr"),
        ("a'b+c%d!e@x.fr", "a'b+c%d!e@x.fr", "a'b+c%d!e@x.fr"),
        ("lou@straße.example.org", "lou@straße.example.org", "lou@xn--strae-oqa.example.org"),
        ("lou@strasse.example.org",) * 3,
        ("x@xn--fa-hia.de", "x@faß.de", "x@xn--fa-hia.de"),
        ("x@faς.gr", "x@faς.gr", "x@xn--fa-tbc.gr"),
        ("x@CAFÉ.fr", "x@café.fr", "x@xn--caf-dma.fr"),
        ("x@cafe\u0301.fr", "x@café.fr", "x@xn--caf-dma.fr"),
        ("x@café。fr", "x@café.fr", "x@xn--caf-dma.fr"),
        ("x@نامه\u200cای.com", "x@xn--mgba3gch31f060k.com", "x@xn--mgba3gch31f060k.com"),
        ("x@xn--mgba3gch31f060k.com",) * 3,
    ],
)
def test_an_address_is_kept_in_one_form_and_sent_in_ascii(typed: str, kept: str, sent: str) -> None:
    assert canonical_address(typed) == kept
    assert canonical_address(kept) == kept
    assert wire_address(typed) == wire_address(kept) == sent
    assert canonical_address(sent) == kept


NO_ADDRESSES = """
@ nobody a..b@x.fr .lou@x.fr lou.@x.fr lou@x.fr. lou@x. lou@.fr "lou"@x.fr é@x.fr lou@x lou@-x.fr
lou@[127.0.0.1] lou@x_y.fr lou@xn--zzzzzz.fr lou@☃.fr lou@i❤.ws <lou@x.fr> a@b.fr,c@d.fr a@b@c.fr
"""
UNSEEN = [
    "",
    "a b@x.fr",
    '"a b"@x.fr',
    "Lou <lou@x.fr>",
    "lou@x.fr\r\nRCPT TO:<y@z.fr>",
    "\ud800@x.fr",
]
UNSEEN += ["lou@\ud800.fr", "lou@a\u200db.fr", "lou@x\u200c.fr", "l\u200bou@x.fr", "lou@x.fr\u202e"]
UNSEEN += ["lou\x00@x.fr", f"{'l' * 65}@x.fr", f"lou@{'a' * 64}.fr"]


@pytest.mark.parametrize("written", [*NO_ADDRESSES.split(), *UNSEEN])
def test_what_mail_cannot_carry_is_no_address(written: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical_address(written)
    with pytest.raises(ValueError, match=r".+"):
        wire_address(written)


def test_two_writings_of_an_address_are_equal() -> None:
    assert comparable_address("LOU@café.fr ") == comparable_address("lou@XN--CAF-DMA.fr")
    assert comparable_address("lou@straße.org") != comparable_address("lou@strasse.org")
    assert comparable_address(" Nobody") == "nobody"


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_text_is_an_address_in_one_form_or_none(local: str, domain: str) -> None:
    try:
        kept = canonical_address(f"{local}@{domain}.fr")
    except ValueError:
        return

    assert canonical_address(kept) == kept
    assert wire_address(kept).isascii()
