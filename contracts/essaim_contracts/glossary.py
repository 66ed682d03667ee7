"""The field's words, in French and in English, with what each is: `docs/glossary.md` has the same.

People read them on the page of words of every service; a test holds the two together.
"""

from typing import NamedTuple

from essaim_contracts.wording import Words


class Term(NamedTuple):
    """A word of the field, and what it is."""

    word: Words
    meaning: Words


GLOSSARY: tuple[Term, ...] = (
    Term(
        Words("programme d’accompagnement", "programme"),
        Words(
            "tout ce qu’une organisation pilote offre aux projets, édition après édition",
            "the whole support offer of a steward, made of editions",
        ),
    ),
    Term(
        Words("édition", "edition"),
        Words(
            "une année d’un programme, avec son appel et son calendrier",
            "one yearly run of a programme, with its call and calendar",
        ),
    ),
    Term(
        Words("appel à candidatures", "call"),
        Words(
            "une période datée pendant laquelle des projets peuvent candidater",
            "a dated window in which projects may apply",
        ),
    ),
    Term(
        Words("parcours", "track"),
        Words(
            "le modèle de ce qu’un projet reçoit : séances, heures, durée",
            "the template of what a project receives: sessions, hours, length",
        ),
    ),
    Term(
        Words("promotion", "cohort"),
        Words(
            "les projets qui suivent un parcours ensemble",
            "the projects that go through a track together",
        ),
    ),
    Term(
        Words("projet", "project"),
        Words(
            "l’activité accompagnée ; elle peut changer de porteur, de forme et de nom",
            "the activity supported; it may change bearer, form and name",
        ),
    ),
    Term(
        Words("porteur de projet", "bearer"),
        Words("qui porte un projet", "who carries a project"),
    ),
    Term(
        Words("candidat", "applicant"),
        Words(
            "qui candidate, avant qu’il y ait un projet", "who applies, before there is a project"
        ),
    ),
    Term(
        Words("structure", "organisation"),
        Words(
            "une personne morale ; jamais confondue avec son contact",
            "a legal person; never merged with its contact",
        ),
    ),
    Term(
        Words("partenaire engagé", "partner, commitment"),
        Words(
            "une organisation qui fait quelque chose pour le programme, et quoi",
            "an organisation that does something for the programme, and what",
        ),
    ),
    Term(
        Words("pilote du programme", "steward"),
        Words("qui mène le programme pour tous", "who runs the programme for all"),
    ),
    Term(
        Words("parrain, marraine", "godparent"),
        Words(
            "une coopérative qui accompagne un projet en pair expérimenté",
            "a cooperative that accompanies a project as an experienced peer",
        ),
    ),
    Term(
        Words("parrainage", "sponsorship"),
        Words(
            "le lien daté entre un parrain et un projet",
            "the dated bond between a godparent and a project",
        ),
    ),
    Term(
        Words("mentor, mentorat", "mentor, mentoring"),
        Words(
            "une personne experte qui donne un nombre d’heures convenu",
            "an expert who gives a set number of hours",
        ),
    ),
    Term(
        Words("référent", "referent"),
        Words(
            "qui suit un projet pour l’opérateur du programme",
            "who is in charge of a project for the operator of the programme",
        ),
    ),
    Term(
        Words("intervenant", "speaker"),
        Words("qui parle ou forme lors d’une séance", "who speaks or trains at a session"),
    ),
    Term(
        Words("financeur", "funder"),
        Words(
            "qui paie une part et demande des preuves ; il lit seulement",
            "who pays a part and asks for evidence; reads only",
        ),
    ),
    Term(
        Words("coordination", "coordinator"),
        Words("qui mène une édition au jour le jour", "who runs an edition from day to day"),
    ),
    Term(
        Words("comité de sélection", "committee"),
        Words("qui note les candidatures et en décide", "who scores and decides on applications"),
    ),
    Term(
        Words("annuaire", "directory"),
        Words(
            "les personnes d’un consortium : noms, adresses, rôles",
            "the people of a consortium: names, addresses, roles",
        ),
    ),
    Term(
        Words("candidature", "application"),
        Words("ce qu’un porteur de projet envoie à un appel", "what a bearer sends to a call"),
    ),
    Term(
        Words("brouillon", "draft"),
        Words("une candidature qui n’est pas envoyée", "an application that was not sent"),
    ),
    Term(
        Words("récépissé", "receipt"),
        Words(
            "la preuve qu’une candidature est arrivée à temps",
            "the proof that an application was received in time",
        ),
    ),
    Term(
        Words("pièce", "document"),
        Words("un document demandé avec une candidature", "a paper asked for with an application"),
    ),
    Term(
        Words("critère, note", "criterion, score"),
        Words("ce sur quoi le comité juge, et combien", "what the committee judges by, and how"),
    ),
    Term(
        Words("réorientation", "reorientation"),
        Words(
            "proposer à une candidature un parcours qui lui convient mieux",
            "sending an application to a track that suits it better",
        ),
    ),
    Term(
        Words("transmission", "hand-over"),
        Words(
            "une candidature réorientée qui va à un autre appel, ou hors du réseau, avec l’accord "
            "de qui l’a envoyée",
            "a re-oriented application that goes to another call, or outside, once its bearer "
            "agreed",
        ),
    ),
    Term(
        Words("complément", "correction"),
        Words(
            "ce qu’une coordination demande de corriger ou de compléter, jusqu’à un jour dit",
            "what a coordination asks to be corrected or completed, until a day",
        ),
    ),
    Term(
        Words("message (sur une candidature)", "note"),
        Words(
            "ce que qui a candidaté et la coordination s’écrivent sur sa page",
            "what who applied and the coordination write to each other on its page",
        ),
    ),
    Term(
        Words("liste d’attente", "waiting list"),
        Words("retenue si une place se libère, par rang", "accepted if a place gets free, by rank"),
    ),
    Term(
        Words("livrable", "deliverable"),
        Words(
            "ce qu’un projet doit rendre avant une date", "what a project must hand in by a date"
        ),
    ),
    Term(
        Words("relecture", "review"),
        Words(
            "lire ce qui est rendu : accepté, ou à corriger avant un jour dit",
            "reading what was handed in: accepted, or to be corrected until a day",
        ),
    ),
    Term(
        Words("ressource partagée", "shared resource"),
        Words(
            "un fichier ou un lien qu’un programme prête, avec sa licence et à qui il appartient",
            "a file or a link that a programme lends, with its licence and its owner",
        ),
    ),
    Term(
        Words("cérémonie", "ceremony"),
        Words(
            "le jour où les trophées sont annoncés, dans leur ordre",
            "the day on which trophies are announced, in their running order",
        ),
    ),
    Term(
        Words("séance", "session"),
        Words(
            "une journée de groupe ou un rendez-vous ; sa sorte le dit",
            "a group day or an appointment; its kind says which",
        ),
    ),
    Term(
        Words("journée collective", "collective day"),
        Words("une séance pour toute une promotion", "a session for a whole cohort"),
    ),
    Term(
        Words("rendez-vous", "appointment"),
        Words(
            "une séance à deux, comptée dans un forfait d’heures",
            "a one-to-one session, counted against an hour package",
        ),
    ),
    Term(
        Words("atelier, formation, webinaire", "workshop, training, webinar"),
        Words("d’autres sortes de séances", "other kinds of sessions"),
    ),
    Term(
        Words("convocation", "convocation"),
        Words(
            "le courriel qui appelle quelqu’un à une séance",
            "the mail that calls somebody to a session",
        ),
    ),
    Term(
        Words("émargement", "attendance"),
        Words("le fait de signer que l’on était là", "the act of signing that one was there"),
    ),
    Term(
        Words("feuille d’émargement", "attendance sheet"),
        Words(
            "la feuille d’une séance et d’une demi-journée", "the sheet of a session and half-day"
        ),
    ),
    Term(
        Words("demi-journée", "half-day"),
        Words(
            "l’unité dans laquelle comptent les séances et les présences",
            "the unit in which sessions and attendance count",
        ),
    ),
    Term(
        Words("forfait d’heures", "hour package"),
        Words(
            "les heures d’une sorte d’accompagnement accordées à un projet",
            "hours of one kind of support granted to a project",
        ),
    ),
    Term(
        Words("consommation d’heures", "use of hours"),
        Words(
            "ce qu’une séance tenue prend sur un forfait",
            "what a held session takes from a package",
        ),
    ),
    Term(
        Words("mise en relation", "pairing"),
        Words(
            "le lien daté entre une organisation et un projet",
            "the dated bond of an organisation and a project",
        ),
    ),
    Term(
        Words("vœu, offre", "wish, offer"),
        Words(
            "ce qu’un projet souhaite, ce qu’une organisation donne ; les mises en relation se "
            "proposent des deux",
            "what a project hopes for, what an organisation gives; pairings are proposed from both",
        ),
    ),
    Term(
        Words("point d’avancement", "progress"),
        Words("ce qu’un projet est devenu, daté", "what became of a project, dated"),
    ),
    Term(
        Words("emplois créés", "jobs"),
        Words(
            "les emplois envisagés : une fourchette, en personnes",
            "expected jobs: a range, in heads",
        ),
    ),
    Term(
        Words("trophée, dotation", "trophy, prize"),
        Words(
            "une distinction publique ; l’argent ou le service qui va avec",
            "a public distinction; the money or service that goes with it",
        ),
    ),
    Term(
        Words("bilan", "report"),
        Words(
            "des chiffres, chacun avec les faits qui le prouvent",
            "figures, each with the facts behind it",
        ),
    ),
    Term(
        Words("Scop, Scic", "scop, scic"),
        Words(
            "des coopératives : à leurs salariés ; à des membres de plusieurs sortes",
            "cooperatives: owned by their employees; of several kinds of members",
        ),
    ),
)
