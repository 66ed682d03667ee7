"""The demo's programme file and its applications are what this service accepts."""

from pathlib import Path

import yaml
from candidatures.application_form import missing_fields, read_content
from candidatures.programme_file import read_programme
from candidatures.schemas.application import ApplicationBody

from tests.candidatures.premices import a_call

FOLDER = Path(__file__).parents[2] / "demo" / "premices-2020"


def test_the_programme_file_of_the_demo_is_sound() -> None:
    assert read_programme((FOLDER / "programme.yaml").read_text()).file.editions


def test_every_application_of_the_demo_is_complete() -> None:
    call = a_call((FOLDER / "programme.yaml").read_text())
    sent = yaml.safe_load((FOLDER / "applications.yaml").read_text())["applications"]

    incomplete = {
        one["fields"]["project_title"]: missing
        for one in sent
        if (
            missing := missing_fields(
                call,
                read_content(
                    call,
                    ApplicationBody(version=0, **one["fields"], answers=one["answers"]).written(),
                ),
                set(one["documents"]),
            )
        )
    }

    assert len(sent) >= 90
    assert incomplete == {}
