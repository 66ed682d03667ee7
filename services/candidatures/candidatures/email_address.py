"""What is said of an address that is none, or somebody else's."""

from essaim import Refusal
from essaim.text.mail_address import canonical_address


def checked_email(text: str | None) -> str | None:
    """The address of the field `email`, in its one form; None when none is given.

    Raises:
        Refusal: (422) it is no address.
    """
    try:
        return None if text is None else canonical_address(text)
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
