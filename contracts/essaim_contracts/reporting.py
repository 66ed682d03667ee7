"""The facts *reporting* publishes. It hears every fact and holds read models of them."""

from essaim_contracts.fact import PersonForgotten


class PersonForgottenByReporting(
    PersonForgotten, type="essaim.reporting.person.forgotten.v1", key="person_id"
):
    """This service erased what it held about a person: its answer to `person.erased`."""
