"""The lists of messages and of the mailbox: their columns, filters and order."""

from collections.abc import Iterable, Mapping

from essaim.keeping.tables import person
from essaim.web import N_, Column, Filter, Listing, Search

from notifications import labels
from notifications.message import LINKS
from notifications.store.held import Group
from notifications.store.mailbox import mailbox
from notifications.store.message import message
from notifications.store.webhook_delivery import delivery

MESSAGES = Listing(
    columns=(
        Column("told_at", N_("Date"), message.c.told_at),
        Column("recipient", N_("Destinataire"), person.c.name),
        Column("template", N_("Modèle"), message.c.template),
        Column("subject", N_("Objet"), message.c.subject),
        Column("state", N_("État"), message.c.state),
    ),
    filters=(
        Search(
            "q",
            N_("Rechercher"),
            ((message.c.recipient_id, person.c.name), message.c.subject),
        ),
        Filter("state", N_("État"), message.c.state, tuple(labels.STATES.items())),
        Filter(
            "template",
            N_("Modèle"),
            message.c.template,
            tuple((name, label) for name, label in labels.TEMPLATES.items() if name not in LINKS),
        ),
    ),
    sort="-told_at",
    ties=(message.c.told_at, message.c.id),
    key=message.c.id,
)


def held_listing(
    groups: Iterable[Group], programme_names: Mapping[str, str], subjects: Mapping[str, str]
) -> Listing:
    """The list of held letters, filtered by what there is. `subjects` are of letters to many."""
    held = list(groups)
    occasions = {one.occasion: labels.occasion(one.occasion, subjects) for one in held}
    programmes = {one.programme: programme_names.get(one.programme, one.programme) for one in held}
    return Listing(
        columns=(
            Column("told_at", N_("Depuis"), message.c.told_at),
            Column("recipient", N_("Destinataire"), person.c.name),
            Column("occasion", N_("Occasion"), message.c.occasion),
            Column("subject", N_("Objet"), message.c.subject),
        ),
        filters=(
            Search(
                "q", N_("Rechercher"), ((message.c.recipient_id, person.c.name), message.c.subject)
            ),
            Filter("occasion", N_("Occasion"), message.c.occasion, tuple(occasions.items())),
            Filter("programme", N_("Programme"), message.c.programme, tuple(programmes.items())),
        ),
        sort="told_at",
        ties=(message.c.told_at, message.c.id),
        key=message.c.id,
        anchor="held",
    )


MAILBOX = Listing(
    columns=(
        Column("received_at", N_("Date"), mailbox.c.received_at),
        Column("name", N_("Destinataire"), mailbox.c.name),
        Column("subject", N_("Objet"), mailbox.c.subject),
    ),
    filters=(
        Search("q", N_("Rechercher"), (mailbox.c.name, mailbox.c.address, mailbox.c.subject)),
        Filter("template", N_("Modèle"), mailbox.c.template, tuple(labels.TEMPLATES.items())),
    ),
    sort="-received_at",
    ties=(mailbox.c.received_at, mailbox.c.id),
    key=mailbox.c.id,
)

DELIVERIES = Listing(
    columns=(
        Column("told_at", N_("Date"), delivery.c.told_at),
        Column("type", N_("Fait"), delivery.c.type),
        Column("state", N_("État"), delivery.c.state),
        Column("tried_at", N_("Dernier essai"), delivery.c.tried_at),
    ),
    filters=(
        Filter("state", N_("État"), delivery.c.state, tuple(labels.DELIVERY_STATES.items())),
        Filter("type", N_("Fait"), delivery.c.type, tuple(labels.DELIVERED_TYPES.items())),
    ),
    sort="-told_at",
    ties=(delivery.c.seq, delivery.c.id),
    key=delivery.c.id,
)
