"""Who may what on each route of reporting; `essaim.web.rights` says how to read it.

No name of a person is in any of its pages: facts hold opaque ids.
"""

from essaim.person import Role
from essaim.web.rights import COORDINATION, READS, SIGNED_IN, Rights, of

_READING = of(*COORDINATION, Role.COMMITTEE_MEMBER, Role.FUNDER)
_PROJECT = of(
    *COORDINATION, Role.COMMITTEE_MEMBER, Role.FUNDER, Role.BEARER, Role.GODPARENT, Role.MENTOR
)

RIGHTS: Rights = {
    "GET /": of(SIGNED_IN),
    "GET /api/editions": of(SIGNED_IN),
    "GET /editions/{edition_id}": _READING,
    "GET /editions/{edition_id}/evidence/{indicator}": _READING,
    "GET /editions/{edition_id}/export.{kind}": _READING,
    "GET /api/editions/{edition_id}/figures": _READING,
    "GET /api/editions/{edition_id}/summary": _READING,
    "GET /api/editions/{edition_id}/evidence/{indicator}": _READING,
    "GET /api/facts": of(READS),
    "GET /projects/{project_id}": _PROJECT,
    "GET /api/projects/{project_id}/timeline": _PROJECT,
}
