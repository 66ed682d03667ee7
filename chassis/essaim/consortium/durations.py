"""How long data is kept, where the consortium file says another time than a service does."""

from collections.abc import Collection, Iterator, Mapping

from essaim.refusal import Refusal
from essaim.retention.rule import Rule
from essaim.service import Service


def wrong_durations(
    durations: Mapping[str, int], partners: Collection[str], services: Mapping[str, Service]
) -> Iterator[tuple[str, Refusal]]:
    """What is wrong with each of them; `durations` are months by `service.rule`."""
    for name, months in durations.items():
        owner, _, code = name.partition(".")
        if owner not in partners:
            yield name, _of_nobody(name, owner, sorted(partners))
        elif owner in services:
            rules = {rule.code: rule for rule in services[owner].retention if rule.months}
            if code not in rules:
                yield name, _no_such_rule(name, sorted(f"{owner}.{one}" for one in rules))
            elif months < rules[code].at_least:
                yield name, _too_short(name, months, rules[code])


def _of_nobody(name: str, owner: str, partners: list[str]) -> Refusal:
    return Refusal(
        "duration_of_nobody",
        "« {name} » : « {owner} » n’est le service d’aucun partenaire. Écrivez un service et sa "
        "règle, comme « {partner}.… ».",
        name=name,
        owner=owner,
        partner=partners[0],
    )


def _no_such_rule(name: str, rules: list[str]) -> Refusal:
    return Refusal(
        "unknown_retention_rule",
        "« {name} » n’est pas une durée de conservation. Écrivez l’une de : {rules}.",
        name=name,
        rules=", ".join(rules) or "–",
    )


def _too_short(name: str, months: int, rule: Rule) -> Refusal:
    return Refusal(
        "retention_too_short",
        "« {name} » ne peut pas être de {months} mois : la loi demande de garder cela {at_least} "
        "mois au moins. Écrivez {at_least} ou plus, ou enlevez la ligne.",
        name=name,
        months=months,
        at_least=rule.at_least,
    )
