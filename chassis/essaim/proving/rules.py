"""What must hold of a partner's service, one rule for each thing that is looked at.

A rule that does not hold names what was seen and what to do; one that could not be tried says why.
"""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class Verdict:
    """How one rule fared: `words` say what was seen, `mend` what to do where it is broken.

    `where` names the page and the section that ask for it.
    """

    check: str
    rule: str
    outcome: Outcome
    words: str
    where: str
    mend: str = ""


@dataclass(frozen=True)
class Rule:
    """`check` is its short name, `holds` what must be so, `mend` what to do when it is not.

    `where` is the page of docs/ and its section that ask for it.
    """

    check: str
    holds: str
    mend: str
    where: str

    def kept(self, words: str) -> Verdict:
        return Verdict(self.check, self.holds, Outcome.KEPT, words, self.where)

    def broken(self, words: str) -> Verdict:
        return Verdict(self.check, self.holds, Outcome.BROKEN, words, self.where, self.mend)

    def not_applicable(self, why: str) -> Verdict:
        return Verdict(self.check, self.holds, Outcome.NOT_APPLICABLE, why, self.where)


_READER = "integrators.md, « Five rules of a good reader »"
_WIRE = "integrators.md, « A fact on the wire »"
_EXPECTED = "partners.md, « What to expect »"
_PEOPLE = "partners.md, « Whose name you are told »"
_QUESTIONS = "partners.md, « Questions »"
_PROOF = "partners.md, « Prove your own implementation »"

CONNECTS = Rule(
    "connects",
    "It signs in with what it was given and asks its consumer for facts.",
    "Pull from the durable consumer of the stream ESSAIM that has the service's name, with "
    "_INBOX_<service> as the prefix of its inboxes. See what the service printed.",
    _PROOF,
)
RIGHTS = Rule(
    "rights",
    "It tries nothing that its user may not do.",
    "Make no stream and no consumer, publish on essaim.<programme>.<service>.… only, and listen "
    "under _INBOX_<service> only.",
    _PROOF,
)
HEARS = Rule(
    "hears",
    "It takes every type it hears, from the first fact on, whole or without its optional fields.",
    "Read optional fields as optional, and acknowledge each fact once what it does is saved.",
    _READER,
)
ACKNOWLEDGES = Rule(
    "acknowledges",
    "It acknowledges within 30 seconds: nothing comes twice while it runs.",
    "Take fewer facts at once, and acknowledge them as soon as what they do is saved.",
    _READER,
)
LATER = Rule(
    "later versions",
    "It takes facts with fields, headers and types that only a later version knows.",
    "Ignore what you do not know. Acknowledge a fact of an unknown type and go on.",
    _READER,
)
PUTS_ASIDE = Rule(
    "malformed",
    "It puts aside what cannot be read, and goes on.",
    "Catch what reading throws, keep the message with the reason, acknowledge it, go on. Do not "
    "ask for it again: it will not get better.",
    _READER,
)
PROOF = Rule(
    "forged",
    "It believes a fact only where its subject, its headers and its body agree.",
    "Compare the subject of the message with essaim.<programme of ce-source>.<ce-type>."
    "<ce-subject>, the owner in ce-type with that in ce-source, and ce-subject with the key in the "
    "body. Put aside what disagrees: only the subject is proved by the broker.",
    _WIRE,
)
ONCE = Rule(
    "once",
    "A fact that comes again does nothing, and one with the same ce-id from another source does.",
    "Keep ce-source and ce-id together of each fact you handled, in the transaction of what it "
    "does. Nats-Msg-Id and the place in the stream are no identity.",
    _READER,
)
READ_AGAIN = Rule(
    "read again",
    "When its consumer is set back to the first fact, nothing is said or counted again.",
    "Keep what you handled in your database, not in memory, and not only the last place.",
    _READER,
)
KILLED = Rule(
    "killed",
    "When it is killed amid its work and started again, nothing is lost and nothing done twice.",
    "Save effects, identity of the fact, and what you have to say in one transaction; acknowledge "
    "after it, and publish what is not published yet at the next start, with the same ids.",
    _EXPECTED,
)
BROKER_BACK = Rule(
    "broker restarted",
    "When the broker was away it connects again by itself, and goes on.",
    "Reconnect without end (many clients give up after some tries), then pull again.",
    _EXPECTED,
)
FORGETS = Rule(
    "forgets",
    "Each person.erased is answered by one person.forgotten about her.",
    "Erase what you hold about her and say essaim.<service>.person.forgotten.v1, keyed with her "
    "id, in one transaction. Answer also for a person you do not know.",
    _PEOPLE,
)
COUNTS = Rule(
    "state",
    "Its view counts each fact it believes once, as many of each type as ours would.",
    "Compare by type what it counts with the stream: a fact it drops is lost, one it counts twice "
    "has no identity, and what subject, headers and body disagree on counts nowhere.",
    _READER,
)
ANSWERS = Rule(
    "answers",
    "It answers each question that is asked of it within 5 seconds, in the form of the contracts.",
    "Subscribe to essaim.ask.<service>.<question> and reply with the answer's fields as JSON.",
    _QUESTIONS,
)
REFUSES = Rule(
    "refuses",
    "A question that cannot be read is refused at once, and the next one is answered; without a "
    "proof that the keeper signed it says what waits for nobody.",
    'Reply {"failure": "<why, without what was asked>"} instead of staying silent; check the proof '
    "with the keeper’s public key, ESSAIM_SIGN_IN_PUBLIC_KEY.",
    _QUESTIONS,
)
SPEAKS = Rule(
    "speaks",
    "What it says is as the contracts say: every header, every field, and no other field.",
    "Write the headers of docs/integrators.md, and a body that the JSON Schema of its type takes; "
    "leave out whatever the schema does not name.",
    _WIRE,
)
OWN = Rule(
    "its own facts",
    "It says what its entry in the consortium file lets it say, on the subject its headers name.",
    "Publish on essaim.<programme>.<ce-type without essaim.>.<ce-subject>; a new type needs a line "
    "in `says` first.",
    _WIRE,
)
IDS = Rule(
    "ids",
    "Each thing it says has an id of its own, which is also its Nats-Msg-Id.",
    "Make a UUID for each fact when you save it, and publish it with that one each time you try.",
    _WIRE,
)
NOT_TWICE = Rule(
    "said once",
    "A fact it heard makes it say the same thing once.",
    "Save what you have to say in the transaction that notes the fact as handled.",
    _READER,
)
ORDER = Rule(
    "order",
    "About one key it speaks in the order of what it heard.",
    "Handle the facts of one key one after the other, and publish what is saved in that order.",
    _READER,
)
CAUSES = Rule(
    "causes",
    "What it says because of a fact names it: ce-causationid, and ce-correlationid unchanged.",
    "Copy ce-correlationid of the fact you heard, and put its ce-id into ce-causationid.",
    _WIRE,
)
TIME = Rule(
    "time",
    "What it says has happened: not after the broker took it, nor before what it follows from.",
    "Write the time of what happened into ce-time, in UTC with an offset, and set the machine's "
    "clock by NTP.",
    _WIRE,
)
NOBODY = Rule(
    "nobody named",
    "Nothing it says holds a name, an address, a number or a word of a person.",
    "Facts stay for ever and people may be forgotten: say opaque ids only.",
    _WIRE,
)

RULES = (
    CONNECTS, RIGHTS, HEARS, ACKNOWLEDGES, LATER, PUTS_ASIDE, PROOF, ONCE, READ_AGAIN, KILLED,
    BROKER_BACK, FORGETS, COUNTS, ANSWERS, REFUSES, SPEAKS, OWN, IDS, NOT_TWICE, ORDER, CAUSES,
    TIME, NOBODY,
)  # fmt: skip
"""In the order of the report."""
