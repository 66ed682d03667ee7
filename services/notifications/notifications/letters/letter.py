"""A letter: a message with its address, ready to leave, and the MIME that mail servers carry."""

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from uuid import UUID

from essaim.observing.tracing import Origin, new_origin
from essaim.text.calendar import Method
from essaim.text.mail_address import wire_address

from notifications.letters.html import to_html
from notifications.letters.invitation import Attendee, invitation
from notifications.letters.text import footer, leading_to, one_line, write
from notifications.message import METHODS, Message, Text, language_of


@dataclass(frozen=True)
class Letter:
    """A queued message, claimed for one try.

    `attempts` counts this try. `session` is given when an invitation goes with the letter, `link`
    when the text has one to open, `page` when it is about a page: a service and the path below its
    pages. `programme` is the name of the one it comes from, None where somebody asked for it;
    `programme_page` the page about it.
    """

    id: UUID
    template: str
    recipient_id: UUID | None
    to: Attendee
    language: str
    text: Text = field(repr=False)
    attempts: int
    origin: Origin
    link: str | None = field(default=None, repr=False)
    session: dict[str, Any] | None = None
    page: tuple[str, str] | None = None
    programme: str | None = None
    programme_page: tuple[str, str] | None = None


@dataclass(frozen=True)
class Sender:
    """Who letters come from. `pages` is the address of the people's pages, `page_of` of one."""

    address: str
    name: str
    reply_to: str
    pages: str
    page_of: Callable[[str, str], str] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Parts:
    """What a reader may open: the same words twice, and an invitation when there is one."""

    text: str
    html: str
    ics: str | None
    method: Method | None


def address(message: Message, name: str, to: str) -> Letter:
    """Make a letter of a queued message, for its reader as she is called and reached now."""
    attendee = Attendee(one_line(name), to.strip())
    language = language_of(message.language)
    link = message.secret.link if message.secret else None
    return Letter(
        id=message.id,
        template=message.template,
        recipient_id=message.recipient_id,
        to=attendee,
        language=language,
        text=message.text
        or write(message.template, language, attendee.name, message.details | {"url": link}),
        attempts=message.attempts + 1,
        origin=message.origin or new_origin(),
        link=link,
        session=message.details if message.template in METHODS else None,
        page=message.details.get("page"),
        programme=message.details.get("programme_name"),
        programme_page=message.details.get("programme_page"),
    )


def parts(letter: Letter, sender: Sender, now: datetime) -> Parts:
    """`now` is business time, which stamps the invitation."""
    about = sender.page_of(*letter.programme_page) if letter.programme_page else None
    below = footer(letter.language, sender.pages, letter.programme, about)
    text, link = letter.text, letter.link
    if letter.page:
        link = sender.page_of(*letter.page)
        text = leading_to(link, letter.template, text, letter.language, letter.programme)
    method = METHODS.get(letter.template)
    ics = None
    if method and letter.session:
        attendee = replace(letter.to, address=wire_address(letter.to.address))
        organiser = Attendee(sender.name, sender.address)
        ics = invitation(method, letter.session, organiser, attendee, link, now)
    return Parts(
        text=f"{_wrapped(text.body)}\n\n-- \n{_wrapped(below)}\n",
        html=to_html(text, letter.language, below, link),
        ics=ics,
        method=method,
    )


def mime(letter: Letter, parts: Parts, sender: Sender, date: datetime) -> EmailMessage:
    """The message for the mail server. `date` is real time.

    The invitation comes last of the alternatives, as calendars expect (RFC 6047), and not as a
    file. The Message-ID is the same at every try.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(sender.name, addr_spec=sender.address)
    message["To"] = Address(letter.to.name, addr_spec=wire_address(letter.to.address))
    if sender.reply_to:
        message["Reply-To"] = sender.reply_to
    message["Subject"] = letter.text.subject
    message["Date"] = date
    message["Message-ID"] = message_id(letter.id, sender)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(parts.text, cte="quoted-printable")
    message.add_alternative(parts.html, subtype="html", cte="quoted-printable")
    if parts.ics and parts.method:
        method = {"method": parts.method}
        message.add_alternative(parts.ics, subtype="calendar", params=method, cte="base64")
    # Set last: what is said of the content before there are parts becomes the first part's.
    message["Content-Language"] = letter.language
    return message


def has_usable_address(letter: Letter) -> bool:
    """Whether a mail server can be asked to write to it, by the rule of every door."""
    try:
        wire_address(letter.to.address)
    except ValueError:
        return False
    return True


def message_id(id: UUID, sender: Sender) -> str:
    return f"<{id}@{sender.address.rpartition('@')[2]}>"


def _wrapped(text: str) -> str:
    lines = [
        textwrap.fill(
            line,
            76,
            subsequent_indent="  " if line.startswith("– ") else "",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in text.split("\n")
    ]
    # A line of a body never looks like the mark that opens the signature.
    return re.sub(r"(?m)^-- $", "–", "\n".join(lines))
