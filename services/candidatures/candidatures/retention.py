"""What the keeping of an edition's data counts from: its last payment, and what suspends it."""

from datetime import date

from essaim import Refusal
from essaim.retention.rule import EditionClock
from essaim_contracts.retention import RetentionChanged, SuspensionReason

from candidatures.programme import Edition


def change_clock(
    edition: Edition,
    before: EditionClock | None,
    last_payment_on: date | None,
    suspended_for: SuspensionReason | None,
    today: date,
) -> RetentionChanged | None:
    """What to say of an edition; None where nothing changes.

    Raises:
        Refusal: the last payment lies in the future, or before the edition.
    """
    if last_payment_on is not None and last_payment_on > today:
        raise paid_later(last_payment_on)
    if last_payment_on is not None and last_payment_on.year < edition.year - 1:
        raise paid_before(last_payment_on, edition.year)
    now = (last_payment_on, suspended_for)
    if now == ((before.last_payment_on, before.suspended_for) if before else (None, None)):
        return None
    return RetentionChanged(
        edition_id=edition.id,
        last_payment_on=last_payment_on,
        suspended_for=suspended_for,
    )


# --- refusals


def unknown_edition() -> Refusal:
    return Refusal(
        "unknown_edition",
        "Cette édition n’existe pas. Vérifiez l’adresse.",
        status=404,
    )


def not_yours_to_keep() -> Refusal:
    return Refusal(
        "not_yours_to_keep",
        "La conservation des données d’une édition se règle par la coordination de son programme "
        "ou par un opérateur.",
        status=403,
    )


def paid_later(day: date) -> Refusal:
    return Refusal(
        "paid_later",
        "Le {day} n’est pas encore passé. Donnez le jour du dernier paiement quand il est fait.",
        field="last_payment_on",
        status=422,
        day=day,
    )


def paid_before(day: date, year: int) -> Refusal:
    return Refusal(
        "paid_before",
        "Le {day} est avant l’édition {year}. Vérifiez l’année.",
        field="last_payment_on",
        status=422,
        day=day,
        year=str(year),
    )
