"""What each partner's NATS account and user may do, and the server's configuration that says so.

JetStream answers wherever the asker says. In one account for all that makes an answer a way to
write on any subject, whatever the asker may publish. So each partner has an account of its own:
what it asks crosses over to ours with a reply subject that the server makes, and the answer comes
back to the asker's account, where no stream listens.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from essaim_contracts.questions import WhatMoves, WhatWaits

from essaim.broker.topology import (
    BUCKET,
    DIRECTORY,
    FACTS,
    OPERATOR,
    SYSTEM,
    follower,
    rebuilder,
    subjects_in,
)
from essaim.consortium.partners import Consortium, Directory, Partner, Reader

HUB = "ESSAIM"
"""The account of the streams and of the operator. A partner's is called as its service is."""
SERVER = "SERVER"
"""The server's own account: what it says of itself, and is asked to do."""
HERE = "essaim.here"
"""Before a service's name: where it says that it is there, to all other partners."""
ANSWERS = "_R_.>"
"""Where the server has an answer to another account's question sent."""

LIMITS = {"max_connections": 64, "max_subscriptions": 500}
"""For each account, so that one partner leaves room on the server for the others."""

_SYSTEM_RIGHTS = {
    "publish": {
        "allow": ["$SYS.REQ.SERVER.PING.CONNZ", "$SYS.REQ.SERVER.PING", "$SYS.REQ.SERVER.*.RELOAD"]
    },
    "subscribe": {"allow": [f"_INBOX_{SYSTEM}.>"]},
}

_API = "$JS.API."
_OURS = "essaim-api."


def imports(partner: Partner) -> list[str]:
    """The subjects of our account that a partner may publish on, each answered to it alone.

    Wildcards stand for whole tokens only, so every name is spelt out. Nobody makes a consumer: one
    that pushes would be a way to write on any subject too.
    """
    service = partner.service
    own = subjects_in(partner.programmes, f"essaim.*.{service}.*.*.*.*")
    subjects = [
        *own,
        f"essaim-dead.{service}.>",
        f"{_API}STREAM.INFO.{FACTS}",
        # The last of its own facts, to see that the stream still holds it.
        *(f"{_API}DIRECT.GET.{FACTS}.{one}" for one in own),
        *reading(FACTS, service),
        f"$JS.ACK.{FACTS}.{service}.>",
    ]
    if partner.rebuilds:
        subjects += reading(FACTS, rebuilder(service))
    if partner.directory != Directory.NONE:
        subjects += reading(BUCKET, follower(service))
    if partner.directory == Directory.KEEPS:
        # What a person's entry was is overwritten on the server's disk, not only forgotten.
        subjects += [f"$KV.{DIRECTORY}.>", f"{_API}STREAM.MSG.DELETE.{BUCKET}"]
        # Its pages are where operators sign in: they ask the operator's desk.
        subjects.append(_questions(OPERATOR))
    return subjects


def imports_of_reader(reader: Reader) -> list[str]:
    """The same of who only reads: its consumer, and nothing else."""
    return [*reading(FACTS, reader.name), f"$JS.ACK.{FACTS}.{reader.name}.>"]


def reading(stream: str, consumer: str) -> list[str]:
    """The subjects on which a consumer that the operator made is read, and set to a place."""
    return [
        f"{_API}CONSUMER.INFO.{stream}.{consumer}",
        f"{_API}CONSUMER.MSG.NEXT.{stream}.{consumer}",
        f"{_API}CONSUMER.RESET.{stream}.{consumer}",
    ]


def rights(partner: Partner, consortium: Consortium) -> dict[str, Any]:
    """What a partner's NATS user may do in its account: all else is refused at once, with words.

    A question's subject ends after one more word: longer ones look like facts.
    """
    service = partner.service
    questions = [*questions_of(partner, consortium), _questions(service)]
    publish = [*map(_inside, imports(partner)), *questions, says_here(service), ANSWERS]
    return {
        "publish": {"allow": publish},
        "subscribe": {"allow": [f"{inbox_prefix(service)}.>", _questions(service), f"{HERE}.*"]},
    }


def says_here(service: str) -> str:
    return f"{HERE}.{service}"


def questions_of(partner: Partner, consortium: Consortium) -> dict[str, str]:
    """The subjects on which a partner asks others, and whose each is.

    Where people sign in, each service with pages is asked what waits for them
    and what they would take over, and nothing else.
    """
    asked = {_questions(other): other for other in asked_by(partner, consortium)}
    if partner.directory == Directory.KEEPS:
        asked |= {
            question.subject_at(other.service): other.service
            for question in (WhatWaits, WhatMoves)
            for other in consortium.partners
            if other.knows_people and other.service not in (partner.service, *asked.values())
        }
    return asked


def asked_by(partner: Partner, consortium: Consortium) -> list[str]:
    """The other services whose questions a partner may ask."""
    asked = consortium.services if partner.asks is None else sorted(partner.asks)
    return [other for other in asked if other != partner.service]


def inbox_prefix(user: str) -> str:
    """Each user has its own, so that nobody reads another's replies."""
    return f"_INBOX_{user}"


def users_config(consortium: Consortium, keys: Mapping[str, str]) -> str:
    """What nats-server's configuration says of accounts, as `accounts_of` has them."""
    return written(accounts_of(consortium, keys))


def written(accounts: Mapping[str, Any]) -> str:
    return f"accounts: {json.dumps(accounts, indent=2)}\nsystem_account: {SERVER}\n"


def accounts_of(consortium: Consortium, keys: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Our account, and one for each partner and reader.

    `keys` are public, of the users whose seeds are made here, by name. A user without one, here or
    in the consortium file, is left out.
    """
    imported = {one.service: imports(one) for one in consortium.partners}
    imported |= {one.name: imports_of_reader(one) for one in consortium.readers}
    accounts = {HUB: _hub_account(imported)}
    accounts[HUB]["users"] = _users(keys.get(OPERATOR), {})
    accounts[SERVER] = {"users": _users(keys.get(SYSTEM), {"permissions": _SYSTEM_RIGHTS})}
    for partner in consortium.partners:
        accounts[partner.service] = _partner_account(partner, consortium, _key_of(partner, keys))
    for reader in consortium.readers:
        allowed = {"permissions": _rights_of_reader(reader)}
        account = _importing_account(imports_of_reader(reader))
        accounts[reader.name] = account | {"users": _users(_key_of(reader, keys), allowed)}
    return accounts


def _hub_account(imported: dict[str, list[str]]) -> dict[str, Any]:
    """Our account without its users; `imported` says which subjects each other account imports."""
    importers: dict[str, list[str]] = {}
    for account, subjects in imported.items():
        for subject in subjects:
            importers.setdefault(subject, []).append(account)
    exports = [
        {"service": subject, "accounts": accounts}
        # A pull is answered with many messages.
        | ({"response_type": "stream"} if ".MSG.NEXT." in subject else {})
        for subject, accounts in importers.items()
    ]
    return {"jetstream": "enabled", "exports": exports}


def _partner_account(partner: Partner, consortium: Consortium, key: str | None) -> dict[str, Any]:
    account = _importing_account(imports(partner))
    account["users"] = _users(key, {"permissions": rights(partner, consortium)})
    account["imports"] += [
        {"service": {"account": other, "subject": subject}}
        for subject, other in questions_of(partner, consortium).items()
    ]
    others = [one.service for one in consortium.partners if one is not partner]
    account["imports"] += [
        {"stream": {"account": other, "subject": says_here(other)}} for other in others
    ]
    account["exports"] = [{"stream": says_here(partner.service), "accounts": others}]
    account["exports"] += [
        {"service": subject, "accounts": askers}
        for subject, askers in _askers_of(partner, consortium).items()
    ]
    return account


def _askers_of(partner: Partner, consortium: Consortium) -> dict[str, list[str]]:
    """Who asks a partner on which subject."""
    askers: dict[str, list[str]] = {}
    for other in consortium.partners:
        for subject, asked in questions_of(other, consortium).items():
            if asked == partner.service:
                askers.setdefault(subject, []).append(other.service)
    return askers


def _rights_of_reader(reader: Reader) -> dict[str, Any]:
    return {
        "publish": {"allow": [*map(_inside, imports_of_reader(reader))]},
        "subscribe": {"allow": [f"{inbox_prefix(reader.name)}.>"]},
    }


def _importing_account(imported: Iterable[str]) -> dict[str, Any]:
    """The account that imports these subjects of ours, without its users.

    Its own JetStream would answer what is asked on $JS.API: « not enabled », before ours does. So
    what is published there goes by another name inside the account.
    """
    subjects = list(imported)
    return {
        "limits": LIMITS,
        "mappings": {one: _mapped(one) for one in subjects if one.startswith(_API)},
        "imports": [
            {"service": {"account": HUB, "subject": one}, "to": _inside(one)} for one in subjects
        ],
    }


def _key_of(one: Partner | Reader, keys: Mapping[str, str]) -> str | None:
    return None if one.revoked else one.key or keys.get(one.name)


def _users(key: str | None, more: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"nkey": key} | more] if key else []


def _questions(service: str) -> str:
    return f"essaim.ask.{service}.*"


def _inside(subject: str) -> str:
    """What one of our subjects is called inside a partner's account."""
    return _OURS + subject.removeprefix(_API) if subject.startswith(_API) else subject


def _mapped(subject: str) -> str:
    """The same as the destination of a mapping, where each wildcard has its number."""
    count = 0
    words = []
    for word in _inside(subject).split("."):
        count += word == "*"
        words.append(f"{{{{wildcard({count})}}}}" if word == "*" else word)
    return ".".join(words)
