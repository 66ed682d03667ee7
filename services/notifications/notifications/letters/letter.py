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
from notifications.message import METHODS, Message, Template, Text, language_of
from notifications.preference import category_of

NETWORK = "Essaim"
"""Who letters come from that are about no programme, where the operator gives no name."""


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
    reply_to: str | None = None


@dataclass(frozen=True)
class Sender:
    """Who letters come from; without a `name`, from their programme.

    `pages` is the address of the people's pages, `page_of` of one.

    `unsubscribe` gives the end of the address where a person leaves a category of letters.
    """

    address: str
    name: str
    reply_to: str
    pages: str
    page_of: Callable[[str, str], str] = field(repr=False, compare=False)
    unsubscribe: Callable[[UUID, str], str] = field(repr=False, compare=False)

    def name_in(self, letter: Letter) -> str:
        return self.name or one_line(letter.programme or "") or NETWORK


@dataclass(frozen=True)
class Parts:
    """What a reader may open: the same words twice, and an invitation when there is one."""

    text: str
    html: str
    ics: str | None
    method: Method | None


def address(message: Message, name: str, to: str, reply_to: str | None = None) -> Letter:
    """Make a letter of a queued message, for its reader as she is called and reached now.

    `reply_to` is where its programme wants answers to go.
    """
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
        reply_to=reply_to,
    )


def leaving_page(letter: Letter, sender: Sender, *, at_once: bool = False) -> str | None:
    """Where her reader may switch such letters off, by one request `at_once` or after a question.

    None for what always comes.
    """
    category = category_of(Template(letter.template))
    if category is None or letter.recipient_id is None:
        return None
    end = sender.unsubscribe(letter.recipient_id, category.code)
    return sender.page_of("notifications", f"{'api/' if at_once else ''}unsubscribe/{end}")


def parts(letter: Letter, sender: Sender, now: datetime) -> Parts:
    """`now` is business time, which stamps the invitation."""
    about = sender.page_of(*letter.programme_page) if letter.programme_page else None
    leaving = leaving_page(letter, sender)
    below = footer(letter.language, sender.pages, letter.programme, about, leaving)
    pages = (sender.pages, about, leaving)
    text, link = letter.text, letter.link
    if letter.page:
        link = sender.page_of(*letter.page)
        text = leading_to(link, letter.template, text, letter.language, letter.programme)
    method = METHODS.get(letter.template)
    ics = None
    if method and letter.session:
        attendee = replace(letter.to, address=wire_address(letter.to.address))
        organiser = Attendee(sender.name_in(letter), sender.address)
        ics = invitation(method, letter.session, organiser, attendee, link, now)
    return Parts(
        text=f"{_wrapped(text.body)}\n\n-- \n{_wrapped(below)}\n",
        html=to_html(text, letter.language, below, link, filter(None, pages)),
        ics=ics,
        method=method,
    )


def mime(letter: Letter, parts: Parts, sender: Sender, date: datetime) -> EmailMessage:
    """The message for the mail server. `date` is real time.

    The invitation comes last of the alternatives, as calendars expect (RFC 6047), and not as a
    file. The Message-ID is the same at every try.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(sender.name_in(letter), addr_spec=sender.address)
    message["To"] = Address(letter.to.name, addr_spec=wire_address(letter.to.address))
    if letter.reply_to or sender.reply_to:
        message["Reply-To"] = wire_address(letter.reply_to) if letter.reply_to else sender.reply_to
    if leaving := leaving_page(letter, sender, at_once=True):
        # One request of the mail program is enough (RFC 8058); DKIM must sign both.
        message["List-Unsubscribe"] = f"<{leaving}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
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
