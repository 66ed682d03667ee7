"""Every fact has all that its page says, also one of tomorrow."""

import json

from essaim.web.integrators.catalogue import KINDS, meaning_in, sheets
from essaim_contracts.examples import SCHEMAS
from essaim_contracts.schema import definitions

RELEASED = SCHEMAS / "released"


def test_every_field_of_every_fact_has_its_place_its_kind_and_its_release() -> None:
    for sheet in sheets().values():
        schema = json.loads((SCHEMAS / f"{sheet.type}.json").read_text())
        assert [one.name for one in sheet.fields] == list(schema["properties"])
        assert {part.name for part in sheet.parts} == set(schema.get("$defs", {}))
        for field in (*sheet.fields, *(one for part in sheet.parts for one in part.fields)):
            assert field.part or field.kind in KINDS, field
            assert field.meaning or field.part, field
        if sheet.releases:
            assert all(field.since for field in sheet.fields if field.default is None)
        assert sheet.examples


def test_whatever_was_released_has_its_meaning_in_french() -> None:
    for part in definitions("#/{model}").values():
        for one in (part, *part.get("properties", {}).values()):
            text = one.get("description", "")
            french, language = meaning_in(text, "fr")
            if text and any(text in path.read_text() for path in RELEASED.rglob("*.json")):
                assert language == "fr", f"meanings_fr.json lacks: {text}"
                assert "'" not in french


def test_a_meaning_nobody_translated_is_marked_as_english() -> None:
    assert meaning_in("Something of tomorrow.", "fr") == ("Something of tomorrow.", "en")
