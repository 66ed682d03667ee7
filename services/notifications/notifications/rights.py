"""Who may what on each route of notifications; `essaim.web.rights` says how to read it."""

from essaim.web.rights import ANYBODY, COORDINATES, COORDINATION, OPERATION, Rights, of

_ITS_MESSAGES = of(*COORDINATION, names=COORDINATION)
_ANY_COORDINATION = of(*COORDINATION, COORDINATES)
_ITS_WEBHOOKS = of(*COORDINATION)
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
    # Of one programme; those of all are an operator's.
    "GET /webhooks": _ANY_COORDINATION,
    "GET /webhooks/new": _ANY_COORDINATION,
    "POST /webhooks": _ITS_WEBHOOKS,
    "GET /webhooks/{webhook_id}": _ITS_WEBHOOKS,
    "GET /webhooks/{webhook_id}/edit": _ITS_WEBHOOKS,
    "POST /webhooks/{webhook_id}/edit": _ITS_WEBHOOKS,
    "POST /webhooks/{webhook_id}/test": _ITS_WEBHOOKS,
    "POST /webhooks/{webhook_id}/retry": _ITS_WEBHOOKS,
    "POST /webhooks/{webhook_id}/replay": _ITS_WEBHOOKS,
    "POST /webhooks/{webhook_id}/disable": _ITS_WEBHOOKS,
    "POST /webhooks/{webhook_id}/enable": _ITS_WEBHOOKS,
    "GET /webhooks/{webhook_id}/rotate": _ITS_WEBHOOKS,
    "POST /webhooks/{webhook_id}/rotate": _ITS_WEBHOOKS,
    "GET /webhooks/{webhook_id}/delete": _ITS_WEBHOOKS,
    "POST /webhooks/{webhook_id}/delete": _ITS_WEBHOOKS,
    "GET /webhooks/{webhook_id}/deliveries/{delivery_id}": _ITS_WEBHOOKS,
    "GET /api/webhooks": _ANY_COORDINATION,
    "POST /api/webhooks": _ITS_WEBHOOKS,
    "GET /api/webhooks/{webhook_id}": _ITS_WEBHOOKS,
    "PUT /api/webhooks/{webhook_id}": _ITS_WEBHOOKS,
    "DELETE /api/webhooks/{webhook_id}": _ITS_WEBHOOKS,
    "POST /api/webhooks/{webhook_id}/test": _ITS_WEBHOOKS,
    "POST /api/webhooks/{webhook_id}/rotate": _ITS_WEBHOOKS,
    "POST /api/webhooks/{webhook_id}/disable": _ITS_WEBHOOKS,
    "POST /api/webhooks/{webhook_id}/enable": _ITS_WEBHOOKS,
    "GET /api/webhooks/{webhook_id}/deliveries": _ITS_WEBHOOKS,
    "GET /api/webhooks/{webhook_id}/deliveries/{delivery_id}": _ITS_WEBHOOKS,
    "POST /api/webhooks/{webhook_id}/retry": _ITS_WEBHOOKS,
    "POST /api/webhooks/{webhook_id}/replay": _ITS_WEBHOOKS,
    # Open at the machine that keeps the mail; from elsewhere, to who operates it.
    "GET /mailbox": _MAILBOX,
    "GET /mailbox/{letter_id}": _MAILBOX,
    "GET /mailbox/{letter_id}/html": _MAILBOX,
    "GET /mailbox/{letter_id}/invitation.ics": _MAILBOX,
}
