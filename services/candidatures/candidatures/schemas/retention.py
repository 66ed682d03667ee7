"""What the keeping of an edition's data counts from."""

from essaim.text.bounded import DayIn
from essaim_contracts.retention import SuspensionReason

from candidatures.schemas.body import Body


class ClockBody(Body):
    """The whole of it: what is left out is none."""

    last_payment_on: DayIn | None = None
    """The day of the funder's last payment; without a funder, of the edition's end."""
    suspended_for: SuspensionReason | None = None
    """Why nothing of the edition may be erased for now."""
