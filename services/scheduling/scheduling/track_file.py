"""Reads a track file (YAML). Every refusal names its line; see `docs/track-file.md`."""

from essaim.refusal import Refusal
from essaim.text.file_check import FileFormat, Values, check
from essaim.text.yaml_source import read_yaml

from scheduling.track import Track

LARGEST = 200_000
"""A longer file, in characters, is no track."""


def read_track(written: str | bytes) -> Track:
    """The track a file describes.

    Raises:
        WrongFile: it is no YAML, a key is unknown, missing or given twice, or a value is wrong;
            one refusal for each, in the order of the lines.
    """
    return check(read_yaml(written, longest=LARGEST), Track, FORMAT)


def duration_units(values: Values) -> Refusal:
    return Refusal(
        "track_duration_units",
        "Une durée se donne en weeks, months ou years. Gardez-en un seul.",
        **values,
    )


def length_order(values: Values) -> Refusal:
    return Refusal(
        "track_length_order",
        "La durée min ({min}) dépasse la durée max ({max}). Échangez-les.",
        **values,
    )


def two_lengths(values: Values) -> Refusal:
    return Refusal(
        "track_two_lengths",
        "« {title} » se compte en half_days ou en minutes. Gardez l’un.",
        **values,
    )


def part_minutes(values: Values) -> Refusal:
    return Refusal(
        "track_part_minutes",
        "{hours} h ne font pas un nombre entier de minutes. Arrondissez.",
        **values,
    )


def package_twice(values: Values) -> Refusal:
    return Refusal(
        "track_package_twice",
        "Deux forfaits sont de nature {kind}. Additionnez-les.",
        **values,
    )


def hours_without_package(values: Values) -> Refusal:
    return Refusal(
        "track_hours_without_package",
        "« {title} » consomme des heures {kind} qu’aucun forfait n’accorde. "
        "Ajoutez le forfait à hour_packages.",
        **values,
    )


FORMAT = FileFormat(
    "essaim-track/1",
    "docs/track-file.md",
    {
        "one_unit": duration_units,
        "ordered": length_order,
        "one_length": two_lengths,
        "whole_minutes": part_minutes,
        "package_twice": package_twice,
        "no_package": hours_without_package,
    },
)
