"""How long personal data is kept here: rules, what they do, and what editions count from."""

from datetime import date
from uuid import UUID

from essaim import Person, Role, Work
from essaim.retention.clocks import clocks_in, save_clock
from essaim.retention.rule import Basis, Rule, of_public_money
from essaim.text.languages import N_
from essaim_contracts.retention import SuspensionReason

from candidatures import store
from candidatures.commands import erasure
from candidatures.retention import change_clock, not_yours_to_keep, unknown_edition


def set_clock(
    work: Work,
    edition_id: UUID,
    last_payment_on: date | None,
    suspended_for: SuspensionReason | None,
    by: Person,
) -> None:
    """Say what the keeping of an edition's data counts from, to every partner. Twice is once.

    Raises:
        Refusal: (404) there is no such edition; (403) it is not hers to say; the day is wrong.
    """
    edition = store.programme.edition_of(work.db, edition_id)
    if edition is None:
        raise unknown_edition()
    if not by.holds({Role.COORDINATOR, Role.OPERATOR}, work.today, edition.programme):
        raise not_yours_to_keep()
    before = clocks_in(work.db).get(edition_id)
    changed = change_clock(edition, before, last_payment_on, suspended_for, work.today)
    if changed is not None:
        save_clock(work.db, changed, edition.programme)
        work.tell(changed, programme=edition.programme)


# --- what the rules do


def forget_draft(work: Work, application_id: UUID) -> None:
    store.draft_reminder.forget(work.db, [application_id])
    store.application.delete(work.db, [application_id])


def forget_application(work: Work, application_id: UUID) -> None:
    """What was written, its files, who scored it. Its number, its answer and its mean stay."""
    store.erasure.erase_project(work.db, application_id)
    store.erasure.erase_applications(work.db, [application_id])
    store.erasure.erase_scores(work.db, application_id)


def forget_person(work: Work, person_id: UUID) -> None:
    """Erase her everywhere. Who has to confirm it is noted when we hear ourselves say it."""
    erasure.erase(work, person_id, ())


_GONE_EVERYWHERE = N_("Effacés chez tous les partenaires, qui le confirment.")


def forget_watch(work: Work, watch_id: UUID) -> None:
    store.call_watch.delete(work.db, watch_id)


RULES = (
    Rule(
        code="call_watches",
        what=N_("Adresses qui ont demandé à être prévenues du prochain appel"),
        basis=Basis.STEPS,
        starts=N_("la demande"),
        end=N_(
            "Effacées. À l’ouverture de l’appel elles le sont déjà, une fois le courriel parti."
        ),
        months=24,
        kept=store.retention.call_watches,
        forget=forget_watch,
    ),
    Rule(
        code="drafts",
        what=N_("Candidatures commencées et jamais envoyées, avec leurs fichiers"),
        basis=Basis.STEPS,
        starts=N_("la clôture de l’appel"),
        end=N_("Effacées."),
        months=3,
        kept=store.retention.drafts,
        forget=forget_draft,
    ),
    Rule(
        code="not_selected",
        what=N_("Candidatures non retenues ou retirées : réponses, fichiers, notes du comité"),
        basis=Basis.STEPS,
        starts=N_("la réponse, ou la clôture de l’appel quand il n’y en a pas eu"),
        end=N_(
            "Effacées, avec le nom du projet. Restent le numéro, la réponse et la moyenne, qui ne "
            "désignent personne."
        ),
        months=24,
        kept=store.retention.not_selected,
        forget=forget_application,
    ),
    of_public_money(
        "selected",
        N_("Candidatures retenues, notes du comité et livrables remis"),
        N_("Effacées. Restent le nom du projet, le numéro, la réponse et la moyenne."),
        store.retention.selected,
        forget_application,
    ),
    Rule(
        code="candidates",
        what=N_("Nom, adresse et téléphone de qui a candidaté, sans autre rôle"),
        basis=Basis.STEPS,
        starts=N_("la dernière réponse, et quand plus aucune de ses candidatures n’est gardée"),
        end=_GONE_EVERYWHERE,
        months=24,
        kept=store.retention.candidates,
        forget=forget_person,
    ),
    of_public_money(
        "network",
        N_(
            "Nom, adresse et téléphone de qui a coordonné, sélectionné, accompagné, parrainé ou "
            "financé"
        ),
        _GONE_EVERYWHERE,
        store.retention.network,
        forget_person,
        starts=N_(
            "la fin de son dernier rôle, et le 31 décembre de l’année du dernier paiement des "
            "éditions qu’elle ou il a connues"
        ),
    ),
)
"""In the order in which they are forgotten: whoever applied, after her applications."""
