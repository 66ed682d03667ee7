"""A programme leaves as a file, and comes back as it was."""

from pathlib import Path

import pytest
from candidatures import store
from candidatures.commands.programme import import_programme
from candidatures.programme_export import definition_of, written
from candidatures.programme_file import read_programme
from essaim.running.runtime import Runtime

from tests.candidatures.premices import PROGRAMME, all_told
from tests.candidatures.test_charter import BOTH_SIDES
from tests.candidatures.test_eligibility import ASKED
from tests.candidatures.test_question import EVERY_KIND
from tests.candidatures.test_rounds import TWO_ROUNDS

REFERENCE = Path(__file__).parents[2] / "demo" / "premices-2020" / "programme.yaml"
ODD = (
    PROGRAMME.replace("Prémices.coop", '"0x1F: no # ~"')
    .replace("Appel Prémices 2020", '"null"')
    .replace("label: Votre projet,", 'label: "Votre projet :\\n- « oui »\\n\\n\\t1.5 🐝",')
    .replace(
        '"Combien êtes-vous ?", kind: number',
        '"2020", kind: number, min: -0.25, max: 99.5, decimals: 2, unit: "%"',
    )
    .replace("2019-11-15 09:00", "2019-11-15 09:00:30")
)


@pytest.mark.parametrize(
    "file",
    [PROGRAMME, REFERENCE.read_text(), ODD, TWO_ROUNDS, EVERY_KIND, ASKED, BOTH_SIDES],
    ids=["small", "2020", "odd", "rounds", "every kind", "eligibility", "charter"],
)
def test_a_programme_that_left_as_a_file_comes_back_unchanged(runtime: Runtime, file: str) -> None:
    with runtime.work() as work:
        first = import_programme(work, read_programme(file))
    told = len(all_told(runtime))
    with runtime.work() as work:
        rows = store.definition.rows_of(work.db, first.programme)
        again = import_programme(work, read_programme(written(definition_of(rows))))
    assert (again.changes, again.unchanged) == ((), len(first.changes))
    assert len(all_told(runtime)) == told
