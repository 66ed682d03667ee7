"""What is an address that mail servers can be given."""

from email_validator import EmailNotValidError, validate_email


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
