"""Who may what on each route of scheduling; `essaim.web.rights` says how to read it."""

from essaim.person import Role
from essaim.web.rights import COORDINATES, COORDINATION, HAS_ITS_LINK, SIGNED_IN, Rights, of

_NEAR = (Role.BEARER, Role.GODPARENT, Role.MENTOR)
_HOLDING = (*COORDINATION, Role.MENTOR)
_SESSION = of(*_HOLDING, Role.BEARER, Role.FUNDER, names=_HOLDING)
_COHORT = of(*COORDINATION, Role.BEARER, Role.FUNDER)
_PROJECT = of(*COORDINATION, *_NEAR, Role.FUNDER)
_STEERING = of(*COORDINATION, names=COORDINATION)

RIGHTS: Rights = {
    # Each sees her own here.
    "GET /": of(SIGNED_IN),
    "GET /sessions": of(SIGNED_IN),
    "GET /hours": of(SIGNED_IN),
    "GET /pairings": of(SIGNED_IN, names=(*COORDINATION, *_NEAR)),
    "GET /api/sessions": of(SIGNED_IN),
    "GET /api/cohorts": of(SIGNED_IN),
    "GET /api/pairings": of(SIGNED_IN),
    "GET /tracks": of(SIGNED_IN),
    "GET /api/tracks": of(SIGNED_IN),
    "POST /api/tracks": of(*COORDINATION, COORDINATES),
    "GET /feeds": of(SIGNED_IN),
    "POST /feeds": of(SIGNED_IN),
    "POST /feeds/{feed_id}/revoke": of(Role.BEARER),
    "GET /feeds/{token}.ics": of(HAS_ITS_LINK),
    "GET /api/feeds": of(SIGNED_IN),
    "POST /api/feeds": of(SIGNED_IN),
    "DELETE /api/feeds/{feed_id}": of(Role.BEARER),
    # Sessions.
    "GET /sessions/{session_id}": _SESSION,
    "GET /api/sessions/{session_id}": _SESSION,
    "PUT /api/sessions/{session_id}/roster": of(*_HOLDING, names=_HOLDING),
    "POST /api/sessions/{session_id}/close": of(*_HOLDING, names=_HOLDING),
    "POST /api/sessions": _STEERING,
    "POST /api/sessions/batch": _STEERING,
    "POST /api/sessions/{session_id}/move": _STEERING,
    "POST /api/sessions/{session_id}/place": _STEERING,
    "POST /api/sessions/{session_id}/cancel": _STEERING,
    # Cohorts and projects.
    "GET /api/cohorts/{cohort_id}": _COHORT,
    "GET /api/cohorts/{cohort_id}/proposed-sessions": of(*COORDINATION, Role.FUNDER),
    "GET /projects/{project_id}": of(
        *COORDINATION, *_NEAR, Role.FUNDER, names=(*COORDINATION, *_NEAR)
    ),
    "POST /projects/{project_id}/exchanges": of(*COORDINATION, Role.GODPARENT),
    "GET /api/projects/{project_id}/hours": _PROJECT,
    "GET /api/projects/{project_id}/progress": _PROJECT,
    "GET /api/projects/{project_id}/exchanges": of(*COORDINATION, *_NEAR),
    "POST /api/projects/{project_id}/exchanges": of(*COORDINATION, Role.GODPARENT),
    "POST /api/projects/{project_id}/hours": _STEERING,
    "POST /api/projects/{project_id}/progress": _STEERING,
    # Pairings.
    "POST /api/pairings": _STEERING,
    "POST /api/pairings/proposals": _STEERING,
    "POST /api/pairings/confirm": _STEERING,
    "POST /api/pairings/{pairing_id}/refuse": _STEERING,
    "POST /api/pairings/{pairing_id}/end": _STEERING,
    "PUT /api/offers": _STEERING,
    "PUT /api/wishes": of(*COORDINATION, Role.BEARER),
}
