import pytest
from essaim.text.written import all_cleaned, cleaned, one_line
from hypothesis import given
from hypothesis import strategies as st

INVISIBLE = [
    *(
        "\u200b",
        "\u3164",
        "\u115f\u1160",
        "\uffa0",
        "\u2800",
        "\ufeff",
        "\u00ad",
        "\u2060",
        "\u034f",
    ),
    *("\u200d", "\u200c", "\u200e", "\u202e\u202c", "\u2066\u2069", "\u180e", "\u206a", "\ufe0f"),
    *("\U000e0041\U000e0042", "\U000e0001", "\U000e0100", "\ue000", "\U000f0000", "\U0010fffd"),
    *("\ufff9\ufffb", "\ufffc", "\ufdd0", "\uffff", "\U0001fffe", "\U0001d159", "\x00\x1b\x7f\x9f"),
    *("\ud800", "\udfff\ud800", " \t\u00a0\u202f\u2003\u3000\u1680\n"),
]
"""What stands for a name and shows nothing."""

READABLE = [
    "Épicerie du bourg – l’été, 100 % bio",
    "👩‍🌾 et 👨🏽‍💻, ❤️, 1️⃣, 🏳️‍🌈, 👨‍👩‍👧‍👦, ☎︎",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "مرحبا بالعالم، ١٢٣",
    "می‌خواهم",  # Persian: two words without a space, but apart
    "שָׁלוֹם עֲלֵיכֶם",
    "שלום!\u200f",
    "क्‍ष, ক্‍ত, ශ්‍රී",
    "ᠠ᠋ᠨ",
    "葛\U000e0100城市",
    "x̂ ≠ y̌, Ω, ﬁ, ½",
    "« Pourquoi\u00a0? »\u00a0: 45\u202f000\u00a0€",
]


@pytest.mark.parametrize("nothing", INVISIBLE)
def test_what_shows_nothing_is_no_text(nothing: str) -> None:
    assert cleaned(nothing) == ""
    assert one_line(f"{nothing}Zoé{nothing}") == "Zoé"


@pytest.mark.parametrize("text", READABLE)
def test_emoji_and_every_script_stay_as_they_are(text: str) -> None:
    assert cleaned(text) == text


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("E\u0301tude", "Étude"),
        ("e\u200b\u0301", "é"),
        ("1\r\n2\r3\u20284\u20295\x856\x0b7", "1\n2\n3\n4\n5\n6\n7"),
        ("plan\u00a0d'affaires", "plan d'affaires"),
        ("10\u00a0h 30, Mme\u00a0Ada, 45\u2007000", "10 h 30, Mme Ada, 45\u00a0000"),
        ("Zo\u202eé\u202c", "Zoé"),
        ("a\u200db\u200cc\ufe0fd", "abcd"),
        ("Lou\ue000", "Lou"),
    ],
)  # fmt: skip
def test_a_text_is_kept_in_one_form(written: str, kept: str) -> None:
    assert cleaned(written) == kept


def test_what_is_on_one_line_holds_no_line_end() -> None:
    assert one_line("  Jean\r\nBcc:\ttous\u00a0!\u2028 ") == "Jean Bcc: tous !"


def test_the_texts_of_a_body_are_cleaned_at_any_depth() -> None:
    body = {"a\u200b": ["e\u0301", {"b": "\u202e"}], "n": 1, "yes": True, "none": None}

    assert all_cleaned(body) == {"a": ["é", {"b": ""}], "n": 1, "yes": True, "none": None}


TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("".join(INVISIBLE + READABLE))))


@given(TEXTS)
def test_a_clean_text_stays_as_it_is(text: str) -> None:
    assert cleaned(cleaned(text)) == cleaned(text)
    assert one_line(one_line(text)) == one_line(text)
    assert one_line(text).isprintable() or not one_line(text).isascii()
    cleaned(text).encode()
