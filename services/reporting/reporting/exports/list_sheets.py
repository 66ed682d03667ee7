"""The lists behind the figures of an edition as tables."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from essaim.text.languages import Tongue
from essaim_contracts import words

from reporting.access import Asked
from reporting.exports.sheet import Cell, Sheet
from reporting.figures import Figures
from reporting.indicators.hours import APPOINTMENTS_BY_PARTNER, USED_BY_PARTNER
from reporting.indicators.trophy import VALUE_BY_CONTRIBUTOR
from reporting.labels import APPLICATION_STATES, PROJECT_STATUSES, SESSION_STATES
from reporting.lists.application import Application, list_applications
from reporting.lists.partner import Partner, list_partners
from reporting.lists.project import Project, list_supported_projects
from reporting.lists.session import Session, list_sessions
from reporting.lists.trophy import Trophy, list_trophies
from reporting.names import Names, department, organisation, sector


def lists_of_edition(db: sa.Connection, asked: Asked, figures: Figures, _: Tongue) -> list[Sheet]:
    """The lists behind the figures: applications, projects, sessions, partners, prizes."""
    return [
        _applications(list_applications(db, asked.scope), asked.names, _),
        _projects(list_supported_projects(db, asked.scope), asked.names, _),
        _sessions(list_sessions(db, asked.scope), _),
        _partners(list_partners(db, asked.scope), figures, asked.names, _),
        _prizes(list_trophies(db, asked.scope), asked.names, _),
    ]


def _applications(applications: Iterable[Application], names: Names, _: Tongue) -> Sheet:
    heads = (_("Numéro"), _("Projet"), _("Issue"), _("Secteur"), _("Département"), _("Reçue le"))
    rows: Iterable[Sequence[Cell]] = (
        (
            one.number,
            one.project,
            _(APPLICATION_STATES[one.state]),
            sector(one.sector, _, names),
            department(one.department),
            one.received_on.isoformat(),
        )
        for one in applications
    )
    return Sheet(_("Candidatures"), heads, rows)


def _projects(projects: list[Project], names: Names, _: Tongue) -> Sheet:
    heads = (
        _("Projet"),
        _("Secteur"),
        _("Département"),
        _("Où il en est"),
        _("Emplois, au moins"),
        _("Emplois, au plus"),
        _("Parrains et marraines"),
        _("Heures accordées"),
        _("Heures consommées"),
        _("Heures restantes"),
        _("Trophées"),
    )
    return Sheet(_("Projets"), heads, [_project(project, names, _) for project in projects])


def _project(project: Project, names: Names, _: Tongue) -> Sequence[Cell]:
    low, high = project.jobs or (None, None)
    godparents = [
        organisation(bond.organisation_id, _, names)
        for bond in project.bonds
        if bond.kind == "godparent" and bond.lasting
    ]
    return (
        project.title,
        sector(project.sector, _, names),
        department(project.department),
        _(PROJECT_STATUSES[project.status]) if project.status else None,
        low,
        high,
        ", ".join(godparents),
        round(sum(one.granted for one in project.hours) / 60, 2),
        round(sum(one.used for one in project.hours) / 60, 2),
        round(sum(one.left for one in project.hours) / 60, 2),
        ", ".join(project.trophies),
    )


def _sessions(sessions: list[Session], _: Tongue) -> Sheet:
    heads = (
        _("Début"),
        _("Type"),
        _("Titre"),
        _("Mode"),
        _("Lieu"),
        _("Demi-journées"),
        _("État"),
        _("Participants"),
        _("Heures"),
    )
    rows: list[Sequence[Cell]] = [
        (
            one.starts_at,
            _(words.SESSION_KINDS[one.kind]),
            one.title,
            words.SESSION_MODES[one.mode].say(_.language),
            one.place,
            one.half_days,
            _(SESSION_STATES[one.state]),
            one.participants,
            None if one.minutes is None else round(one.minutes / 60, 2),
        )
        for one in sessions
    ]
    return Sheet(_("Séances"), heads, rows)


def _partners(partners: list[Partner], figures: Figures, names: Names, _: Tongue) -> Sheet:
    heads = (
        _("Partenaire"),
        _("Forme"),
        _("Engagements"),
        _("Heures données"),
        _("Rendez-vous"),
        _("Dotations offertes (€)"),
    )
    hours, appointments = figures[USED_BY_PARTNER], figures[APPOINTMENTS_BY_PARTNER]
    prizes = figures[VALUE_BY_CONTRIBUTOR]
    rows: list[Sequence[Cell]] = [
        (
            organisation(one.organisation_id, _, names),
            one.legal_form,
            ", ".join(_(words.COMMITMENTS[held]) for held in one.commitments),
            round(hours.of(str(one.organisation_id)) / 60, 2),
            appointments.of(str(one.organisation_id)),
            prizes.of(str(one.organisation_id)),
        )
        for one in partners
    ]
    return Sheet(_("Partenaires"), heads, rows)


def _prizes(trophies: list[Trophy], names: Names, _: Tongue) -> Sheet:
    heads = (_("Trophée"), _("Projet"), _("Dotation"), _("Type"), _("Offerte par"), _("Valeur (€)"))
    rows: list[Sequence[Cell]] = []
    for trophy in trophies:
        rows += [
            (
                trophy.title,
                trophy.project,
                prize.title,
                _(words.PRIZE_KINDS[prize.kind]),
                organisation(prize.contributor_id, _, names),
                prize.value_eur,
            )
            for prize in trophy.prizes
        ]
        if not trophy.prizes:
            rows.append((trophy.title, trophy.project, None, None, None, 0))
    return Sheet(_("Trophées"), heads, rows)
