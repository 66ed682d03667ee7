"""Who may what on each route of notifications; `essaim.web.rights` says how to read it."""

from essaim.web.rights import ANYBODY, COORDINATES, COORDINATION, OPERATION, Rights, of

_ITS_MESSAGES = of(*COORDINATION, names=COORDINATION)
_ANY_COORDINATION = of(*COORDINATION, COORDINATES)
_MAILBOX = of(*OPERATION, names=OPERATION)

RIGHTS: Rights = {
    "GET /": of(ANYBODY, names=COORDINATION),
    "GET /messages/{message_id}": _ITS_MESSAGES,
    "POST /messages/{message_id}/cancel": _ITS_MESSAGES,
    "POST /messages/{message_id}/retry": _ITS_MESSAGES,
    "GET /api/messages/{message_id}": _ITS_MESSAGES,
    "POST /api/messages/{message_id}/cancel": _ITS_MESSAGES,
    "POST /api/messages/{message_id}/retry": _ITS_MESSAGES,
    "GET /api/messages": of(*COORDINATION, COORDINATES, names=COORDINATION),
    "GET /api/queue": _ANY_COORDINATION,
    "GET /templates": _ANY_COORDINATION,
    "GET /templates/{template}": _ANY_COORDINATION,
    "GET /templates/{template}/html": _ANY_COORDINATION,
    "GET /api/templates": _ANY_COORDINATION,
    "GET /api/templates/{template}": _ANY_COORDINATION,
    # Open at the machine that keeps the mail; from elsewhere, to who operates it.
    "GET /mailbox": _MAILBOX,
    "GET /mailbox/{letter_id}": _MAILBOX,
    "GET /mailbox/{letter_id}/html": _MAILBOX,
    "GET /mailbox/{letter_id}/invitation.ics": _MAILBOX,
}
