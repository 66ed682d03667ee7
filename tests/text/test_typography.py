import jinja2
import pytest
from essaim.text.languages import tongue_of
from essaim.text.typography import FrenchTemplates, typeset

NBSP = "\N{NO-BREAK SPACE}"


def in_template(source: str, **values: object) -> str:
    environment = jinja2.Environment(extensions=[FrenchTemplates], autoescape=True)
    return environment.from_string(source).render(values)


@pytest.mark.parametrize(
    ("written", "set"),
    [
        ("Lieu : Lyon ; et après ?", "Lieu~: Lyon~; et après~?"),
        ("« Bravo ! »", "«~Bravo~!~»"),
        ("36 000 € ou 18 %", "36 000~€ ou 18~%"),
        ("pour %(name)s : rien", "pour %(name)s~: rien"),
        ("à 18:00", "à 18:00"),
        ("deux  : espaces", "deux  : espaces"),
    ],
)
def test_french_marks_are_kept_with_their_word(written: str, set: str) -> None:
    assert typeset(written) == set.replace("~", NBSP)


def test_a_template_is_typeset_and_what_it_is_filled_with_is_not() -> None:
    written = in_template(
        '{% if title %}Titre : « {{ title }} », « {{ others|join(" », « ") }} »{% endif %}',
        title="Pour : « moi » ?",
        others=["a : b", "c"],
    )

    assert written == (
        f"Titre{NBSP}: «{NBSP}Pour : « moi » ?{NBSP}», "
        f"«{NBSP}a : b{NBSP}», «{NBSP}c{NBSP}»"
    )  # fmt: skip


def test_a_value_in_a_sentence_of_ours_stays_as_it_was_typed() -> None:
    french = tongue_of("essaim", "fr")

    assert french("Titre : {title}", title="Pour : moi") == f"Titre{NBSP}: Pour : moi"
