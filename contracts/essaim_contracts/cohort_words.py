"""The words of what is said of a cohort's files and prizes; `words` has them all."""

from essaim_contracts.cohort import FileVerdict
from essaim_contracts.wording import Table, Words

FILE_VERDICTS: Table = {
    FileVerdict.ACCEPTED: Words("accepté", "accepted"),
    FileVerdict.TO_CORRECT: Words("à corriger", "to be corrected"),
}

TEMPLATES: Table = {
    "file-received": Words("reçu de dossier final", "receipt of a final file"),
    "file-reviewed": Words("dossier final relu", "final file read"),
    "file-late": Words("dossier final en retard", "final file late"),
}

FACT_TYPES: Table = {
    "essaim.candidatures.deliverable.reviewed.v1": Words("dossier relu", "file reviewed"),
    "essaim.candidatures.deliverable.reminded.v1": Words("dossier relancé", "file reminded"),
    "essaim.candidatures.prize.delivered.v1": Words("dotation remise", "prize delivered"),
}
