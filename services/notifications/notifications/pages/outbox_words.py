"""What the outbox asks before it acts on many letters, and says afterwards."""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

from essaim.text.languages import Tongue
from essaim.web import N_

from notifications import labels
from notifications.message import Message


class Act(StrEnum):
    """What may be done with the held letters that a filter shows."""

    SEND = "send"
    DISCARD = "discard"
    REWRITE = "rewrite"


BUTTONS = {
    Act.SEND: N_("Envoyer"),
    Act.DISCARD: N_("Écarter"),
    Act.REWRITE: N_("Rédiger de nouveau"),
}


def question(_: Tongue, act: Act, number: int) -> str:
    if act == Act.SEND:
        return _.counted(
            "{number} message partira. L’envoyer ?",
            "{number} messages partiront. Les envoyer ?",
            number,
        )
    if act == Act.DISCARD:
        return _.counted(
            "{number} message ne partira pas. L’écarter ?",
            "{number} messages ne partiront pas. Les écarter ?",
            number,
        )
    return _.counted(
        "{number} message sera rédigé de nouveau. Continuer ?",
        "{number} messages seront rédigés de nouveau. Continuer ?",
        number,
    )


def done(_: Tongue, act: Act, number: int) -> str:
    if act == Act.SEND:
        return _.counted("{number} message part.", "{number} messages partent.", number)
    if act == Act.DISCARD:
        return _.counted("{number} message est écarté.", "{number} messages sont écartés.", number)
    return _.counted(
        "{number} message est rédigé de nouveau.",
        "{number} messages sont rédigés de nouveau.",
        number,
    )


def consequences(
    _: Tongue,
    act: Act,
    letters: list[Message],
    subjects: Mapping[str, str],
    identical: int,
    told: int,
) -> list[str]:
    """What somebody should know before she confirms, line by line."""
    counted = Counter(one.occasion or one.template.value for one in letters)
    lines = [
        _(
            "{occasion} : {number}",
            occasion=labels.occasion(one, subjects).label(_.language),
            number=number,
        )
        for one, number in counted.most_common()
    ]
    edited = sum(one.edited for one in letters)
    if edited and act == Act.REWRITE:
        lines.append(
            _.counted(
                "{number} a été modifié à la main : ce changement sera perdu.",
                "{number} ont été modifiés à la main : ces changements seront perdus.",
                edited,
            )
        )
    if act == Act.DISCARD:
        lines.append(_("Les destinataires n’en sauront rien."))
    return lines if act != Act.SEND else lines + _when_sent(_, letters, identical, told)


def _when_sent(_: Tongue, letters: list[Message], identical: int, told: int) -> list[str]:
    lines = []
    unwritten = sum(one.text is None for one in letters)
    if identical:
        lines.append(
            _.counted(
                "{number} dit la même chose à la même personne : il ne part pas deux fois.",
                "{number} disent la même chose à la même personne : ils ne partent pas deux fois.",
                identical,
            )
        )
    if unwritten:
        lines.append(
            _.counted(
                "{number} n’a pas encore d’adresse : il partira dès qu’elle sera connue.",
                "{number} n’ont pas encore d’adresse : ils partiront dès qu’elle sera connue.",
                unwritten,
            )
        )
    if told:
        lines.append(
            _.counted(
                "{number} personne a déjà reçu une autre réponse : relisez d’abord.",
                "{number} personnes ont déjà reçu une autre réponse : relisez d’abord.",
                told,
            )
        )
    return lines
