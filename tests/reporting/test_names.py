"""What facts call by an id or a code is read as words."""

from essaim.text.languages import speaking, tongue_of
from essaim_contracts.candidatures import CallOpened
from reporting.names import Names, names_of, organisation, sector

from tests.reporting.series import Series, named


def test_a_person_who_acts_alone_is_not_named() -> None:
    names = Names(organisations={named("organisation", "expert"): None})
    with speaking("reporting", "fr") as tongue:
        assert organisation(named("organisation", "expert"), tongue, names) == "expert indépendant"
        assert organisation(named("organisation", "GRAP"), tongue, names) == "organisation inconnue"
        assert organisation(None, tongue, names) == "partenaire non précisé"


def test_a_sector_is_called_as_the_last_call_called_it_and_an_unknown_one_by_its_code() -> None:
    call = Series().open_call().fact
    assert isinstance(call, CallOpened)
    names = names_of({}, {}, [call, call.model_copy(update={"sectors": ()})])

    assert sector("food", tongue_of("reporting", "en"), names) == "Food and cooking"
    assert sector("agriculture-bio", tongue_of("reporting", "fr"), names) == "Agriculture bio"
    assert sector(None, tongue_of("reporting", "fr"), names) == "–"
