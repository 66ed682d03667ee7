"""Mail addresses by one standard (RFC 5321, IDNA 2008): typed, kept, compared and sent.

One form is kept and shown: the domain in small letters, with its accents (`café.fr`). Mail servers
and calendars are given the same domain in ASCII (`xn--caf-dma.fr`). Python's codec `idna` is
another, older standard, which makes another domain of ß or ς: nothing here uses it.
"""

import re

import idna
from email_validator import EmailNotValidError, validate_email

_JOINERS = re.compile("[\u200c\u200d]")
"""They tell some domains apart, and nobody sees them."""


def canonical_address(text: str) -> str:
    """The one form of an address, which gives itself again.

    Raises:
        ValueError: it is none, or one before whose « @ » stands an accent or a quote: few mail
            servers take those, and most are a slip.
    """
    kept, _ = _forms(text)
    return kept


def wire_address(text: str) -> str:
    """The address as every mail server and calendar takes it, in ASCII.

    Raises:
        ValueError: it is no address; what `canonical_address` takes always is one.
    """
    _, sent = _forms(text)
    return sent


def comparable_address(text: str) -> str:
    """Equal for two writings of one address; whoever has a mailbox has it in capitals too.

    What is no address is compared as it is written.
    """
    try:
        return canonical_address(text).lower()
    except ValueError:
        return text.strip().lower()


def _forms(text: str) -> tuple[str, str]:
    """The address as it is kept and as it is sent."""
    local, at, domain = text.strip().rpartition("@")
    joined = _joined_in_ascii(domain)
    try:
        # example.org and the like are fine: nobody is written to while an address is read.
        checked = validate_email(
            f"{local}{at}{'example.org' if joined else domain}",
            check_deliverability=False,
            test_environment=True,
            allow_smtputf8=False,
            strict=True,
        )
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    if joined:
        return (f"{checked.local_part}@{joined}",) * 2
    # With an ASCII name before the « @ », there always is one in ASCII.
    return checked.normalized, checked.ascii_email or checked.normalized


def _joined_in_ascii(domain: str) -> str | None:
    """A domain with a joiner, in ASCII, as it is kept too: None for any other one."""
    try:
        shown = idna.decode(domain, uts46=True)
        return idna.encode(shown).decode() if _JOINERS.search(shown) else None
    except UnicodeError:
        return None
