"""The figures and the lists behind them as tables, ready for any file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from essaim.text.languages import Tongue

from reporting import words
from reporting.asking import Asked
from reporting.catalogue import Figures
from reporting.funnel import APPLICATION_ENDS, APPLICATIONS
from reporting.hours import APPOINTMENTS_BY_PARTNER, USED_BY_PARTNER
from reporting.indicator import Scope, Unit
from reporting.partners import committed_partners
from reporting.projects import Project, supported_projects, titles_of
from reporting.sentences import Names, organisation
from reporting.sessions import calendar
from reporting.trophies import VALUE_BY_CONTRIBUTOR, awarded_trophies
from reporting.writing import department, sector, write_figures

Cell = str | int | float | datetime | None


@dataclass(frozen=True)
class Sheet:
    """A table of a file: every row has one cell per head."""

    title: str
    heads: Sequence[str]
    rows: list[Sequence[Cell]]


def figures_sheet(asked: Asked, figures: Figures, _: Tongue) -> Sheet:
    """One row per figure, then one per part of it; the same values as on the page."""
    day = asked.scope.as_of.isoformat() if asked.scope.as_of else ""
    heads = (
        _("Rubrique"),
        _("Chiffre"),
        _("Part"),
        _("Valeur"),
        _("Unité"),
        _("Preuves"),
        _("Formule"),
        _("Indicateur"),
        _("Connus au"),
        _("Dernier fait du flux"),
    )
    rows: list[Sequence[Cell]] = []
    for section in write_figures(figures, _, asked.names):
        for figure in section.figures:
            known = (figure.formula, figure.code, day, figures.stream_seq)
            lines = [("", figure.value, figure.rows)]
            lines += [(part.label, part.value, part.rows) for part in figure.parts]
            rows += [
                (section.title, figure.label, label, *_measured(value, figure.unit), facts, *known)
                for label, value, facts in lines
            ]
    return Sheet(_("Chiffres"), heads, rows)


def _measured(value: float | None, unit: Unit) -> tuple[Cell, str]:
    """A number that spreadsheets add up, and its unit: hours and per cent, not minutes."""
    if value is None:
        return None, ""
    match unit:
        case Unit.MINUTES:
            return round(value / 60, 2), "h"
        case Unit.PERCENT:
            return round(value * 100, 1), "%"
        case Unit.EUROS:
            return value, "€"
    return value, ""


def lists_of_edition(db: sa.Connection, asked: Asked, figures: Figures, _: Tongue) -> list[Sheet]:
    """The lists behind the figures: applications, projects, sessions, partners, prizes."""
    return [
        _applications(db, asked.scope, asked.names, _),
        _projects(supported_projects(db, asked.scope), asked.names, _),
        _sessions(db, asked.scope, _),
        _partners(db, asked.scope, figures, asked.names, _),
        _prizes(db, asked.scope, asked.names, _),
    ]


def _applications(db: sa.Connection, scope: Scope, names: Names, _: Tongue) -> Sheet:
    query = (
        sa.select(APPLICATIONS, APPLICATION_ENDS.c.state)
        .join(
            APPLICATION_ENDS,
            APPLICATION_ENDS.c.application_id == APPLICATIONS.c.application_id,
        )
        .order_by(APPLICATIONS.c.seq)
    )
    found = db.execute(query, scope.parameters).all()
    titles = titles_of(db, (row.project_id for row in found))
    heads = (_("Numéro"), _("Projet"), _("Issue"), _("Secteur"), _("Département"), _("Reçue le"))
    rows: list[Sequence[Cell]] = [
        (
            row.number,
            titles.get(row.project_id),
            _(words.APPLICATION_STATES[row.state]),
            sector(row.sector, _, names),
            department(row.department),
            row.received_on.isoformat(),
        )
        for row in found
    ]
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
        _(words.STATUSES[project.status]) if project.status else None,
        low,
        high,
        ", ".join(godparents),
        round(sum(one.granted for one in project.hours) / 60, 2),
        round(sum(one.used for one in project.hours) / 60, 2),
        round(sum(one.left for one in project.hours) / 60, 2),
        ", ".join(project.trophies),
    )


def _sessions(db: sa.Connection, scope: Scope, _: Tongue) -> Sheet:
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
            _(words.SESSION_MODES[one.mode]),
            one.place,
            one.half_days,
            _(words.SESSION_STATES[one.state]),
            one.participants,
            None if one.minutes is None else round(one.minutes / 60, 2),
        )
        for one in calendar(db, scope)
    ]
    return Sheet(_("Séances"), heads, rows)


def _partners(db: sa.Connection, scope: Scope, figures: Figures, names: Names, _: Tongue) -> Sheet:
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
        for one in committed_partners(db, scope)
    ]
    return Sheet(_("Partenaires"), heads, rows)


def _prizes(db: sa.Connection, scope: Scope, names: Names, _: Tongue) -> Sheet:
    heads = (_("Trophée"), _("Projet"), _("Dotation"), _("Type"), _("Offerte par"), _("Valeur (€)"))
    trophies = awarded_trophies(db, scope)
    titles = titles_of(db, {trophy.project_id for trophy in trophies})
    rows: list[Sequence[Cell]] = []
    for trophy in trophies:
        project = titles.get(trophy.project_id)
        rows += [
            (
                trophy.title,
                project,
                prize.title,
                _(words.PRIZE_KINDS[prize.kind]),
                organisation(prize.contributor_id, _, names),
                prize.value_eur,
            )
            for prize in trophy.prizes
        ]
        if not trophy.prizes:
            rows.append((trophy.title, project, None, None, None, 0))
    return Sheet(_("Trophées"), heads, rows)
