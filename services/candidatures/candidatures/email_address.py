"""What is an address that mail servers can be given."""

from email_validator import EmailNotValidError, validate_email
from essaim import Refusal


def normalised_email(text: str) -> str:
    """
    Raises:
        ValueError: it is no address, or one before whose « @ » stands an accent: few mail servers
            take those, and most are a slip.
    """
    try:
        # example.org and the like are fine: nobody is written to while an address is read.
        checked = validate_email(
            text, check_deliverability=False, test_environment=True, allow_smtputf8=False
        )
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    return checked.normalized


def checked_email(text: str | None) -> str | None:
    """The address of the field `email`, normalised; None when none is given.

    Raises:
        Refusal: (422) it is no address.
    """
    try:
        return None if text is None else normalised_email(text)
    except ValueError as error:
        raise bad_email(text or "", "email") from error


def bad_email(text: str, field: str | None = None) -> Refusal:
    return Refusal(
        "bad_email",
        "« {text} » n’est pas une adresse. Écrivez-la ainsi, sans accent avant l’@ : "
        "nom@domaine.fr.",
        field=field,
        status=422,
        text=text,
    )


def email_taken(email: str | None, field: str | None = None) -> Refusal:
    return Refusal(
        "email_taken",
        "L’adresse {email} est celle d’une autre personne de l’annuaire. Corrigez l’une des deux.",
        field=field,
        email=email,
    )
