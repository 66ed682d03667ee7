from itertools import permutations
from uuid import UUID

from essaim.ids import new_id
from hypothesis import given
from hypothesis import strategies as st
from scheduling.assignment import Match, Offer, Reason, Seeker, match, propose


def test_a_perfect_fit_scores_a_hundred_and_says_why() -> None:
    topics = frozenset({"gouvernance", "gestion"})
    seeker = Seeker(new_id(), "restauration", "38", topics)
    offer = Offer(new_id(), "restauration", "38", topics)

    found = match(seeker, offer)

    assert found.score == 100
    assert found.reasons == (
        Reason("same_sector", "restauration", 40),
        Reason("same_department", "38", 25),
        Reason("wanted_topic", "gestion, gouvernance", 25),
        Reason("load", "0/1", 10),
    )


def test_half_of_the_wanted_topics_bring_half_of_the_points() -> None:
    seeker = Seeker(new_id(), topics=frozenset({"gouvernance", "gestion"}))
    offer = Offer(new_id(), topics=frozenset({"gestion", "juridique"}))

    assert match(seeker, offer).reasons[0] == Reason("wanted_topic", "gestion", 12.5)


def test_the_best_pair_gives_way_to_the_best_for_all() -> None:
    # Baker and bakery fit best of all, but the brewer would then be left with nobody near it.
    baker = Seeker(UUID(int=1), "pain", "38", frozenset({"gestion", "juridique"}))
    brewer = Seeker(UUID(int=2), "pain", "63")
    bakery = Offer(UUID(int=3), "pain", topics=frozenset({"gestion"}))
    mill = Offer(UUID(int=4), "bois", "38")

    found = propose([baker, brewer], [bakery, mill])

    assert match(baker, bakery).score == 62.5
    assert [(one.project_id, one.organisation_id, one.score) for one in found] == [
        (baker.project_id, mill.organisation_id, 35),
        (brewer.project_id, bakery.organisation_id, 50),
    ]


def test_a_refused_pair_is_not_proposed_again() -> None:
    seeker, offer = Seeker(new_id(), "pain"), Offer(new_id(), "pain")
    refused = frozenset({(seeker.project_id, offer.organisation_id)})

    assert propose([seeker], [offer], refused) == []


def test_an_organisation_with_two_places_is_proposed_twice_with_its_load() -> None:
    seekers = [Seeker(UUID(int=1)), Seeker(UUID(int=2)), Seeker(UUID(int=3))]
    offer = Offer(new_id(), capacity=3, load=1)

    found = propose(seekers, [offer])

    assert len(found) == 2
    assert sorted(one.reasons[0].detail for one in found) == ["1/3", "2/3"]


def test_without_projects_or_without_places_nothing_is_proposed() -> None:
    assert propose([], [Offer(new_id())]) == []
    assert propose([Seeker(new_id())], [Offer(new_id(), capacity=1, load=1)]) == []


sectors = st.sampled_from([None, "pain", "bois", "velo"])
departments = st.sampled_from([None, "38", "63"])
topic_sets = st.frozensets(st.sampled_from(["gestion", "juridique", "gouvernance"]))
seekers_of = st.lists(st.tuples(sectors, departments, topic_sets), max_size=4)
offers_of = st.lists(st.tuples(sectors, departments, topic_sets, st.integers(0, 2)), max_size=4)
refusals_of = st.frozensets(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=6)


@given(seekers_of, offers_of, refusals_of)
def test_the_proposal_is_the_best_that_respects_capacities_and_refusals(
    wanted: list[tuple[str | None, str | None, frozenset[str]]],
    offered: list[tuple[str | None, str | None, frozenset[str], int]],
    refusals: frozenset[tuple[int, int]],
) -> None:
    seekers = [Seeker(UUID(int=place), *one) for place, one in enumerate(wanted)]
    offers = [Offer(UUID(int=100 + place), *one) for place, one in enumerate(offered)]
    refused = frozenset((UUID(int=one), UUID(int=100 + other)) for one, other in refusals)

    found = propose(seekers, offers, refused)

    projects = [one.project_id for one in found]
    chosen = [one.organisation_id for one in found]
    assert projects == sorted(set(projects))
    assert all(chosen.count(offer.organisation_id) <= offer.capacity for offer in offers)
    assert not {(one.project_id, one.organisation_id) for one in found} & refused
    assert all(0 <= one.score <= 100 for one in found)
    pairs, best = the_best(seekers, offers, refused)
    assert len(found) == pairs
    assert abs(sum(one.score for one in found) - best) < 0.05
    assert propose(seekers[::-1], offers[::-1], refused) == found


def the_best(
    seekers: list[Seeker], offers: list[Offer], refused: frozenset[tuple[UUID, UUID]]
) -> tuple[int, float]:
    """By trying everything: how many pairs can be made, and the highest total of so many."""
    places: list[Offer | None] = [
        Offer(one.organisation_id, one.sector, one.department, one.topics, one.capacity, taken)
        for one in offers
        for taken in range(one.capacity)
    ]
    places += [None] * len(seekers)
    best = (0, 0.0)
    for order in permutations(places, len(seekers)):
        matches: list[Match] = []
        for seeker, place in zip(seekers, order, strict=True):
            if place and (seeker.project_id, place.organisation_id) not in refused:
                matches.append(match(seeker, place))
        best = max(best, (len(matches), sum(one.score for one in matches)))
    return best
