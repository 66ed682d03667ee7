from collections.abc import Iterator

import pytest
from essaim.running.embedded import Embedded
from essaim_demo.stage import Stage
from small_edition import consortium_in, played_in


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """The whole consortium in this process, its pages served on a free port."""
    with consortium_in(tmp_path_factory.mktemp("consortium")) as embedded:
        yield embedded


@pytest.fixture(scope="module")
def played(embedded: Embedded) -> Iterator[Stage]:
    """The edition, played once for all these tests."""
    with played_in(embedded) as stage:
        yield stage
