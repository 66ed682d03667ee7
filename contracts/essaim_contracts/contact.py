"""What *candidatures* says when somebody takes over what another person did."""

from datetime import date

from essaim_contracts.fact import Fact, OrganisationId, PersonId


class ContactReplaced(Fact, type="essaim.candidatures.contact.replaced.v1", key="person_id"):
    """A person takes over, from a day, what another did in a programme. Said on that day.

    What is open then moves to her; what was done until then stays as it was done.
    """

    person_id: PersonId
    """The person who leaves."""
    replaced_by_id: PersonId
    """The person who takes over."""
    organisation_id: OrganisationId | None = None
    """The organisation she acted for. None when all that she did is taken over."""
    from_on: date
    """The first day of the person who takes over."""
