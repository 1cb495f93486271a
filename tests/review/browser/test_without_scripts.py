"""The same work in a browser that runs no scripts: every step is a form or a link."""

import re

from tests.review.browser.conftest import SignIn
from tests.review.browser.office import COMMUNE, INTO, OLD_NAME, PASSPHRASE
from tests.review.browser.steps import follow, part, press, shown, word


def test_search_decide_sign_and_run_work_without_scripts(sign_in: SignIn) -> None:
    lan = sign_in("lan", java_script_enabled=False)

    part(lan, "mapping")
    lan.get_by_role("link", name="Hợp nhất dữ liệu minh họa").first.click()
    follow(lan, "review_mapping.tab.search")
    lan.get_by_label(word("review_mapping.search.label")).fill("phong phu")
    press(lan, "review_mapping.search.do")
    lan.locator("#results").get_by_role("link", name=f"{COMMUNE} Xã {OLD_NAME}").first.click()
    shown(lan, "1671/NQ-UBTVQH15")

    part(lan, "plans")
    lan.get_by_role("link", name="plan.json").first.click()
    plan = lan.url.rpartition("/")[2]
    follow(lan, "review_plans.holds.link")
    lan.locator("main tbody tr").first.get_by_role("link").first.click()
    lan.locator(f"input[type=radio][name=code-place][value='{INTO}']").check()
    lan.get_by_label(word("review_plans.decide.reason")).fill("Biên bản họp số 12")
    press(lan, "review_plans.decide.do")
    shown(lan, "Biên bản họp số 12")
    press(lan, "review_plans.decisions.take-back")

    for name in ("an", "binh"):
        signer = sign_in(name, java_script_enabled=False)
        signer.goto(f"/keys/sign/{plan}")
        signer.locator("#sign-secret").fill(PASSPHRASE)
        press(signer, "review_keys.sign.do")
        shown(signer, word("review_keys.sign.done.signed"))

    part(lan, "runs")
    lan.get_by_role("link", name=re.compile("plan.json")).first.click()
    press(lan, "review_runs.do.start")
    for _ in range(600):
        if not lan.locator("#live").count():
            break
        follow(lan, "review_runs.reload")
    shown(lan, word("review_runs.stands.done"))
