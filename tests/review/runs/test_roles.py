"""What people of each role may see and do on the pages of runs and trails."""

from collections.abc import Callable
from pathlib import Path

import pytest

from merger.migrate import api
from merger.review.web import visiting
from merger.review.web.desk import Desk
from merger.review.web.rights import ROLES, signed_in
from merger.review.work import works
from tests.review.runs.conftest import until
from tests.review.runs.test_pages import change_cell
from tests.review.web.browsing import Browser

Become = Callable[..., None]


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch) -> Become:
    """Gives the visitor these roles."""

    def roles(*names: str) -> None:
        monkeypatch.setattr(visiting, "person_of", lambda *_: signed_in("Bình", names))

    return roles


@pytest.mark.parametrize("role", sorted(ROLES))
def test_each_form_and_page_is_for_its_role_alone(
    client: Browser, ran: Path, plan: str, become: Become, role: str
) -> None:
    become(role)
    rights = ROLES[role]
    for action, right in {
        "apply": "run", "pause": "run", "verify": "run", "rollback/run": "rollback",
        "rollback/make": "rollback", "verification/forget": "personal",
    }.items():  # fmt: skip
        if right not in rights:
            assert client.post(f"/runs/{plan}/{action}").status_code == 403, action
    for address in ("/trail", "/trail/verify", "/trail/export/pages", "/trail/table"):
        assert client.get(address).status_code == (200 if "trail" in rights else 403), address
    for address in ("/runs", f"/runs/{plan}", f"/runs/{plan}/verification", f"/runs/{plan}/rollback"):
        assert client.get(address).status_code == 200
    assert not (ran / "plan.rollback.json").exists()
    assert [one.verified for one in api.runs(ran / "job.yaml")] == [""]
    page = client.get(f"/runs/{plan}").text
    assert (f'action="/runs/{plan}/verify"' in page) == ("run" in rights)
    assert 'name="values"' not in page


def test_keys_and_values_are_for_those_who_may_see_persons(
    client: Browser, ran: Path, desk: Desk, plan: str, become: Become
) -> None:
    change_cell(ran)
    become("operator", "decider")
    client.post(f"/runs/{plan}/verify", {"strength": "full", "values": "yes"})
    until(lambda: not any(one.alive for one in works(desk).of(plan)))
    page = client.get(f"/runs/{plan}/verification").text
    assert "Kẻ Lạ" in page
    assert "Khóa ở nguồn" in page
    become("operator")
    page = client.get(f"/runs/{plan}/verification").text
    assert "Nguồn và đích khác nhau." in page
    assert "applicant" in page
    assert "Kẻ Lạ" not in page
    assert "Khóa ở nguồn" not in page
    assert client.post(f"/runs/{plan}/verify", {"strength": "full", "values": "yes"}).status_code == 403
    assert "Kẻ Lạ" not in desk.trail.path.read_text("utf-8")
