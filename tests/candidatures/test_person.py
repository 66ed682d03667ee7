import pytest
from candidatures import commands
from essaim.ids import stable_id
from essaim.person import Person
from essaim.refusal import Refusal
from essaim.running.runtime import Runtime

from tests.candidatures.premices import a_person, the_call


def test_an_address_belongs_to_one_person(premices: Runtime) -> None:
    double = Person(stable_id("premices", "person", "double"), "Double", email="ALIX@example.org")
    alix = a_person(premices, "alix")

    with pytest.raises(Refusal) as refused, premices.work() as work:
        commands.person.enter(work, double, alix)

    assert refused.value.code == "email_taken"
    assert the_call(premices).received == 0
