"""What people read."""

import re
from html import unescape

import pytest
from essaim_contracts.candidatures import Decision, DecisionReason
from essaim_contracts.scheduling import ChangeReason, PairingKind, SessionKind, SessionMode
from hypothesis import given
from hypothesis import strategies as st
from notifications.letters.html import to_html
from notifications.letters.preview import READER, SAMPLES
from notifications.letters.text import write
from notifications.message import LANGUAGES, Template, Text, language_of

CASES = [
    pytest.param(template, case, language, id=f"{template}-{case}-{language}")
    for template, cases in SAMPLES.items()
    for case in cases
    for language in LANGUAGES
]
NBSP = "\N{NO-BREAK SPACE}"


LETTERS_TO_AN_ADDRESS = {
    Template.DRAFT_LINK,
    Template.DRAFT_REMINDER,
    Template.HANDOVER_LINK,
    Template.WATCH_LINK,
    Template.CALL_OPENED,
}
"""Those whose reader the directory need not know: they greet nobody by name."""


def written(template: Template, language: str = "fr", **details: object) -> Text:
    (sample, *_) = SAMPLES[template].values()
    return write(template, language, "Maëlle Çelik", sample | details)


def test_every_template_has_a_sample() -> None:
    assert set(SAMPLES) == set(Template)


@pytest.mark.parametrize(("template", "case", "language"), CASES)
def test_every_template_reads_well_in_both_languages(
    template: Template, case: str, language: str
) -> None:
    text = write(template, language, READER, SAMPLES[template][case])

    assert text.subject
    assert "\n" not in text.subject
    greeting = {"fr": "Bonjour Maëlle Çelik,", "en": "Dear Maëlle Çelik,"}[language]
    if template in LETTERS_TO_AN_ADDRESS:
        greeting = {"fr": "Bonjour,", "en": "Hello,"}[language]
    named = "programme_name" in SAMPLES[template][case]
    signature = {
        "fr": "L’équipe du programme" + (" Prémices.coop" if named else ""),
        "en": f"The {'Prémices.coop' if named else 'programme'} team",
    }[language]
    paragraphs = text.body.split("\n\n")
    assert paragraphs[0] == greeting
    assert paragraphs[-1] == signature
    assert all(paragraph.strip() for paragraph in paragraphs)
    assert not re.search(r"[{}]|None|  |undefined", text.subject + text.body)


@pytest.mark.parametrize(("template", "case", "language"), CASES)
def test_the_html_part_says_the_same_words_as_the_text(
    template: Template, case: str, language: str
) -> None:
    details = SAMPLES[template][case]
    text = write(template, language, READER, details)

    page = to_html(text, language, "Pied de page", details.get("url"))

    seen = re.sub(r"\s+", " ", unescape(re.sub(r"<title>.*?</title>|<[^>]+>", " ", page)))
    for line in text.body.split("\n"):
        shown = re.sub(r"^→ (.*?)[\s:]+http.*$", r"\1", line).removeprefix("– ")
        assert re.sub(r"\s+", " ", shown) in seen
    assert f'lang="{language}"' in page
    assert "<style" not in page


def test_french_marks_are_kept_with_their_word() -> None:
    text = written(Template.SESSION_CONVOCATION)

    assert f"Convocation{NBSP}: Journée collective n° 3 :" in text.subject
    hours = f"de 9{NBSP}h{NBSP}00 à 17{NBSP}h{NBSP}00"
    assert f"– Quand{NBSP}: jeudi 8 octobre 2020, {hours}" in text.body


def test_the_first_of_a_month_is_written_as_french_wants() -> None:
    assert "dimanche 1er mars 2020" in written(Template.PAIRING_MADE).body


def test_a_session_over_midnight_says_both_days() -> None:
    text = written(Template.SESSION_CONVOCATION, "en", ends_at="2020-10-09T12:30:00+02:00")

    assert "from Thursday 8 October 2020 at 09:00 to Friday 9 October 2020 at 12:30" in text.body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("decision", Decision)
@pytest.mark.parametrize("reason", DecisionReason)
def test_every_decision_can_be_told_with_every_reason(
    decision: Decision, reason: DecisionReason, language: str
) -> None:
    text = written(
        Template.APPLICATION_DECIDED, language, decision=decision.value, reason=reason.value
    )

    assert "PREM-2020-042" in text.body
    assert "_" not in text.body


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reoriented_bearer_reads_the_name_of_the_track_and_not_its_code(language: str) -> None:
    said = {"decision": "reoriented", "reason": "other_track_fits", "track_code": "mpess-creation"}

    named = written(Template.APPLICATION_DECIDED, language, **said, track_name="MPESS Création")
    unnamed = written(Template.APPLICATION_DECIDED, language, **said, track_name=None)

    assert "MPESS Création" in named.body.replace("\n", " ")
    assert "mpess creation" in unnamed.body.replace("\n", " ")


def test_a_refused_bearer_reads_why_as_a_sentence() -> None:
    text = written(Template.APPLICATION_DECIDED, decision="refused", reason="not_mature")

    assert "Votre projet n’est pas encore assez avancé pour ce parcours." in text.body


def test_a_bearer_on_the_waiting_list_reads_her_rank() -> None:
    text = written(
        Template.APPLICATION_DECIDED, decision="waiting_list", reason="places_filled", rank=3
    )

    assert "sur la liste d’attente, au rang 3." in text.body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", SessionKind)
@pytest.mark.parametrize("mode", SessionMode)
def test_every_kind_and_mode_of_session_has_its_words(
    kind: SessionKind, mode: SessionMode, language: str
) -> None:
    text = written(Template.SESSION_CONVOCATION, language, kind=kind.value, mode=mode.value)

    assert "_" not in text.body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", [Template.SESSION_MOVED, Template.SESSION_CANCELLED])
@pytest.mark.parametrize("reason", [*ChangeReason, "not_convened"])
def test_every_reason_of_a_change_has_its_sentence(
    reason: str, template: Template, language: str
) -> None:
    if (template, reason) == (Template.SESSION_MOVED, "not_convened"):
        reason = ChangeReason.OTHER

    text = written(template, language, reason=str(reason))

    assert "_" not in text.body
    assert "  " not in text.body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", PairingKind)
@pytest.mark.parametrize("reader", ["bearer", "contact"])
@pytest.mark.parametrize("organisation", ["Scop Étoile", None])
def test_every_pairing_can_be_told_to_both_sides(
    kind: PairingKind, reader: str, organisation: str | None, language: str
) -> None:
    text = written(
        Template.PAIRING_MADE,
        language,
        kind=kind.value,
        reader=reader,
        organisation=organisation,
        people=[],
    )

    assert text.subject
    assert "None" not in text.body


def test_a_title_cannot_put_markup_or_a_paragraph_into_a_message() -> None:
    title = "<b>Gagnez</b>\n\n– http://exemple.invalid/\r\nBcc: tous"

    text = written(Template.COHORT_WELCOME, cohort_label=title)
    page = to_html(text, "fr", "", None)

    assert "\n" not in text.subject
    assert "\r" not in text.subject
    assert len(text.body.split("\n\n")) == len(written(Template.COHORT_WELCOME).body.split("\n\n"))
    assert "<b>" not in page
    assert "<a " not in page


def test_only_the_link_we_send_can_be_opened() -> None:
    text = written(Template.SIGN_IN_LINK, url="http://exemple.fr/a?b=1&c=2")

    page = to_html(text, "fr", "", "http://exemple.fr/a?b=1&c=2")
    elsewhere = to_html(text, "fr", "", "http://exemple.fr/")

    assert 'href="http://exemple.fr/a?b=1&amp;c=2"' in page
    assert "<a " not in elsewhere


@given(title=st.text(min_size=1, max_size=300))
def test_any_title_makes_a_message_of_the_same_shape(title: str) -> None:
    usual = written(Template.SESSION_CONVOCATION).body.split("\n")

    text = written(Template.SESSION_CONVOCATION, title=title)

    assert len(text.body.split("\n")) == len(usual)
    assert len(text.subject.splitlines()) == 1


def test_a_language_we_do_not_have_is_answered_in_french() -> None:
    assert language_of("de") == "fr"
    assert language_of("en") == "en"
