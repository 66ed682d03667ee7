"""One fact becomes rows of its own, whatever came before."""

import json
from pathlib import Path

import essaim_contracts
import pytest
from essaim.hearing.message import Heard
from essaim.text.languages import tongue_of
from essaim_contracts import fact_type
from essaim_contracts.envelope import from_message
from reporting.facts.catalogue import sentence
from reporting.names import Names
from reporting.projector import TABLES

from tests.reporting.rows import rows_of
from tests.reporting.series import EDITION, Series, named

EXAMPLES = Path(essaim_contracts.__file__).parent / "schemas" / "examples"


@pytest.mark.parametrize("folder", sorted(EXAMPLES.iterdir()), ids=lambda folder: folder.name)
def test_every_golden_example_of_a_fact_gives_whole_rows_and_a_sentence(folder: Path) -> None:
    for example in sorted(folder.glob("*.json")):
        message = json.loads(example.read_text())
        body = json.dumps(message["data"])
        envelope, _ = from_message(message["headers"], body.encode())
        known = fact_type(envelope.type)
        assert known is not None, example

        rows = rows_of(Heard(known.read(body), envelope, 1))

        assert rows["timeline"][0]["fact_id"] == envelope.id
        assert sentence(envelope.type, body, tongue_of("reporting", "fr"), Names()), example


def test_every_fact_stands_in_the_log_with_its_envelope_and_its_whole_payload() -> None:
    heard = Series().receive(7)

    (entry,) = rows_of(heard)["timeline"]

    assert entry == {
        "fact_id": heard.envelope.id,
        "source": "/premices/candidatures",
        "seq": 1,
        "at": heard.envelope.time,
        "type": "essaim.candidatures.application.received.v1",
        "programme": "premices",
        "owner": "candidatures",
        "key": named("application", 7),
        "edition_id": EDITION,
        "actor": None,
        "correlation": "act-1",
        "causation": None,
        "body": heard.fact.model_dump_json(),
    }


def test_telling_the_whole_series_twice_leaves_the_same_rows() -> None:
    series = Series()
    series.open_call()
    series.receive(1)
    series.plan("journée")
    series.move("journée")
    series.cancel("journée")
    series.pair(1, "SICADAE")
    series.unpair(1, "SICADAE", "replaced")
    series.progress(1, "halted")

    once = [rows_of(heard) for heard in series.heard]

    assert once == [rows_of(heard) for heard in series.heard]
    assert {table for rows in once for table in rows} <= {table.name for table in TABLES}
