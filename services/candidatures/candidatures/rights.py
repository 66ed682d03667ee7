"""Who may what on each route of candidatures; `essaim.web.rights` says how to read it."""

from essaim.person import Role
from essaim.web.rights import (
    ANYBODY,
    COORDINATES,
    COORDINATION,
    HAS_ITS_LINK,
    OPERATION,
    READS,
    SIGNED_IN,
    Rights,
    of,
)

_READING = (*COORDINATION, Role.COMMITTEE_MEMBER)
_APPLICATION = (*_READING, Role.BEARER, HAS_ITS_LINK)
_PROJECT = (*_READING, Role.BEARER, Role.GODPARENT, Role.MENTOR)
_STEERING = of(*COORDINATION, names=COORDINATION)

_ERASING = of(*COORDINATION, Role.BEARER, names=COORDINATION)
"""Herself too: the person asked about is a bearer."""

RIGHTS: Rights = {
    # Calls and programmes are public.
    "GET /": of(ANYBODY),
    "GET /calls/{slug}": of(ANYBODY),
    "GET /programmes/{slug}": of(ANYBODY),
    "GET /api/calls": of(ANYBODY),
    "GET /api/calls/{slug}": of(ANYBODY),
    "GET /api/programmes/{slug}": of(ANYBODY),
    # A draft is for whoever holds its secret; a browser's own cookie is one.
    "GET /calls/{slug}/apply": of(ANYBODY),
    "POST /calls/{slug}/apply": of(ANYBODY),
    "POST /calls/{slug}/apply/autosave": of(ANYBODY),
    "GET /calls/{slug}/apply/review": of(ANYBODY),
    "POST /calls/{slug}/apply/submit": of(HAS_ITS_LINK),
    "GET /calls/{slug}/receipt": of(ANYBODY),
    "GET /calls/{slug}/withdraw": of(ANYBODY),
    "POST /calls/{slug}/withdraw": of(HAS_ITS_LINK),
    "GET /calls/{slug}/documents/{code}": of(HAS_ITS_LINK),
    "POST /applications/resume/{token}": of(HAS_ITS_LINK),
    "GET /applications/resume/{token}": of(HAS_ITS_LINK),
    "POST /api/calls/{slug}/applications": of(ANYBODY),
    "PUT /api/applications/{application_id}": of(Role.BEARER, HAS_ITS_LINK),
    "PUT /api/applications/{application_id}/documents/{code}": of(Role.BEARER, HAS_ITS_LINK),
    "DELETE /api/applications/{application_id}/documents/{code}": of(Role.BEARER, HAS_ITS_LINK),
    "POST /api/applications/{application_id}/submit": of(Role.BEARER, HAS_ITS_LINK),
    # An application that was sent is read by its bearer and those who select.
    "GET /applications/{application_id}": of(
        *_READING, Role.BEARER, names=(*_READING, Role.BEARER)
    ),
    "GET /applications/{application_id}/documents/{code}": of(*_READING, Role.BEARER),
    "GET /api/applications/{application_id}": of(*_APPLICATION, names=_APPLICATION),
    "GET /api/applications/{application_id}/documents/{code}": of(*_APPLICATION),
    "POST /api/applications/{application_id}/withdraw": of(
        *COORDINATION, Role.BEARER, HAS_ITS_LINK
    ),
    "GET /applications/{application_id}/withdraw": of(Role.BEARER),
    "POST /applications/{application_id}/withdraw": of(Role.BEARER),
    "POST /api/applications/{application_id}/claim": of(Role.BEARER),
    "POST /applications/{application_id}/claim": of(Role.BEARER),
    # The committee.
    "GET /calls/{slug}/applications": of(*_READING, Role.FUNDER, names=_READING),
    "GET /api/applications": of(*_READING, Role.FUNDER, names=_READING),
    "GET /selection": of(*_READING, Role.FUNDER, READS),
    "GET /calls/{slug}/scoring": of(Role.COMMITTEE_MEMBER),
    "POST /applications/{application_id}/scores": of(Role.COMMITTEE_MEMBER),
    "GET /applications/{application_id}/conflict": of(Role.COMMITTEE_MEMBER),
    "POST /applications/{application_id}/conflict": of(Role.COMMITTEE_MEMBER),
    "PUT /api/applications/{application_id}/scores": of(Role.COMMITTEE_MEMBER),
    "PUT /api/applications/{application_id}/conflict": of(Role.COMMITTEE_MEMBER),
    "GET /calls/{slug}/ranking": of(*_READING),
    "POST /calls/{slug}/ranking": _STEERING,
    "GET /calls/{slug}/decisions": _STEERING,
    "POST /calls/{slug}/decisions": _STEERING,
    "POST /applications/{application_id}/decision": _STEERING,
    "PUT /api/applications/{application_id}/decision": _STEERING,
    "POST /api/calls/{slug}/decisions/apply": _STEERING,
    # Projects and cohorts.
    "GET /projects/{project_id}": of(*_PROJECT, Role.FUNDER, names=_PROJECT),
    "GET /api/projects/{project_id}": of(*_PROJECT, Role.FUNDER, names=_PROJECT),
    "GET /api/projects/{project_id}/deliverables/{kind}": of(*_PROJECT),
    "PUT /api/projects/{project_id}/deliverables/{kind}": of(*COORDINATION, Role.BEARER),
    "GET /api/cohorts": of(SIGNED_IN),
    # Each sees her own there.
    "GET /cohorts": of(SIGNED_IN),
    "GET /cohorts/{cohort_id}": of(
        *_READING, Role.BEARER, Role.FUNDER, names=(*_READING, Role.BEARER)
    ),
    "GET /calls/{slug}/cohort": _STEERING,
    "POST /calls/{slug}/cohort": _STEERING,
    "GET /cohorts/{cohort_id}/changes": _STEERING,
    "POST /cohorts/{cohort_id}/changes": _STEERING,
    "POST /projects/{project_id}/deliverables/{kind}": of(
        *COORDINATION, Role.BEARER, names=(*COORDINATION, Role.BEARER)
    ),
    "GET /projects/{project_id}/deliverables/{kind}": of(*_PROJECT),
    "POST /api/cohorts": _STEERING,
    "POST /api/cohorts/{cohort_id}/changes": _STEERING,
    "POST /api/prizes": _STEERING,
    "POST /api/trophies": _STEERING,
    "POST /api/programmes": _STEERING,
    # Setting up a programme.
    "GET /calls/{slug}/preview": _STEERING,
    "GET /setup": of(*COORDINATION, COORDINATES),
    "GET /setup/{slug}": _STEERING,
    "GET /setup/{slug}/file": _STEERING,
    "GET /setup/{slug}/next-edition": _STEERING,
    "POST /setup/{slug}/next-edition": _STEERING,
    "GET /new-programme": of(*OPERATION),
    "POST /new-programme": of(*OPERATION),
    "GET /import": of(*COORDINATION, COORDINATES),
    "POST /import": of(*COORDINATION, COORDINATES),
    "GET /setup/{slug}/part/{place:path}": _STEERING,
    "POST /setup/{slug}/part/{place:path}": _STEERING,
    "GET /setup/{slug}/new/{place:path}": _STEERING,
    "POST /setup/{slug}/new/{place:path}": _STEERING,
    "POST /setup/{slug}/order/{place:path}": _STEERING,
    # People.
    "GET /my-data": of(SIGNED_IN),
    "POST /my-data/address": of(SIGNED_IN),
    "POST /my-data/address/cancel": of(SIGNED_IN),
    "GET /my-data/address/{token}": of(ANYBODY),
    "POST /my-data/address/{token}": of(HAS_ITS_LINK),
    "PATCH /api/people/{person_id}": of(*OPERATION, Role.BEARER),
    "PUT /api/people/{person_id}/email": of(*OPERATION, Role.BEARER),
    "DELETE /api/people/{person_id}/email": of(*OPERATION, Role.BEARER),
    "GET /api/people": _STEERING,
    "POST /api/people": _STEERING,
    "GET /erasures": of(*COORDINATION, COORDINATES),
    "GET /api/erasures": of(*COORDINATION, COORDINATES),
    "GET /retention/editions": of(*COORDINATION, COORDINATES),
    "GET /retention/editions/{edition_id}": of(*COORDINATION),
    "POST /retention/editions/{edition_id}": of(*COORDINATION),
    "PUT /api/editions/{edition_id}/retention": of(*COORDINATION),
    "GET /api/erasures/asked": of(SIGNED_IN),
    "GET /people/{person_id}/erase": _ERASING,
    "POST /people/{person_id}/erase": _ERASING,
    "POST /people/{person_id}/erase/cancel": _ERASING,
    "POST /people/{person_id}/erase/confirm": _ERASING,
    "POST /api/people/{person_id}/erase": _ERASING,
    "POST /api/people/{person_id}/erase/confirm": _ERASING,
    "DELETE /api/people/{person_id}/erase": _ERASING,
}
