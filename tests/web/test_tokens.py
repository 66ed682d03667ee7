from essaim.ids import new_id
from essaim.web import tokens
from gazette.visits import SIGNING


def test_a_token_ends_is_not_a_cookie_and_needs_the_right_secret() -> None:
    person_id = new_id()

    assert tokens.read(SIGNING, tokens.issue(SIGNING, person_id, days=1)) == person_id
    assert tokens.read(SIGNING, tokens.issue(SIGNING, person_id, days=-1)) is None
    assert tokens.read(SIGNING, tokens.issue("another secret", person_id, days=1)) is None
    assert tokens.read(SIGNING, tokens.sign_in_cookie(SIGNING, person_id)) is None
    assert tokens.read_sign_in_cookie(SIGNING, tokens.issue(SIGNING, person_id, days=1)) is None
