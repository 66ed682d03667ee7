"""The facts *reporting* publishes. It hears every fact and holds read models of them."""

from pydantic import AwareDatetime

from essaim_contracts.fact import Fact, PersonId


class PersonForgottenByReporting(
    Fact, type="essaim.reporting.person.forgotten.v1", key="person_id"
):
    """This service erased what it held about a person: its answer to `person.erased`."""

    person_id: PersonId
    forgotten_at: AwareDatetime
    """When it erased what it held."""
