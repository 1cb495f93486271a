from merger.review.web.attempts import Attempts
from merger.review.web.sessions import MAX_SESSIONS, Sessions


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_a_session_ends_after_its_life_however_busy_it_is():
    clock = Clock()
    sessions = Sessions(100, 10, clock)
    id_ = sessions.begin("an")
    for _ in range(20):
        clock.now += 5
        assert sessions.of(id_) is not None
    clock.now += 1
    assert sessions.of(id_) is None


def test_a_session_ends_when_nobody_came_for_a_while():
    clock = Clock()
    sessions = Sessions(100, 10, clock)
    id_ = sessions.begin("an")
    clock.now += 11
    assert sessions.of(id_) is None
    clock.now -= 11
    assert sessions.of(id_) is None


def test_ids_are_long_and_never_kept_as_they_are():
    sessions = Sessions(100, 10)
    ids = {sessions.begin("an") for _ in range(100)}
    assert len(ids) == 100
    assert min(map(len, ids)) >= 43
    assert not any(id_ in repr(sessions.__dict__) for id_ in ids)


def test_all_sessions_of_one_account_end_together():
    sessions = Sessions(100, 10)
    mine, again, other = sessions.begin("an"), sessions.begin("an"), sessions.begin("binh")
    assert sessions.end_all("an") == 2
    assert sessions.of(mine) is sessions.of(again) is None
    assert sessions.of(other) is not None


def test_there_are_never_more_sessions_than_fit():
    clock = Clock()
    sessions = Sessions(10_000, 10_000, clock)
    first = sessions.begin("an")
    for _ in range(MAX_SESSIONS):
        clock.now += 0.001
        last = sessions.begin("an")
    assert sessions.of(first) is None
    assert sessions.of(last) is not None


def tried(attempts, times, account="an", address="192.0.2.7"):
    waits = []
    for _ in range(times):
        waits.append(attempts.begin(account, address))
    return waits


def test_after_some_failures_every_further_one_makes_the_wait_longer():
    clock = Clock()
    attempts = Attempts(clock)
    assert tried(attempts, 5) == [0] * 5
    waits = []
    for _ in range(12):
        wait = attempts.begin("an", "192.0.2.7")
        waits.append(round(wait))
        clock.now += wait
        assert attempts.begin("an", "192.0.2.7") == 0
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_many_at_once_get_no_further_than_one_after_the_other():
    attempts = Attempts(Clock())
    assert sum(wait == 0 for wait in tried(attempts, 500)) == 5


def test_from_elsewhere_the_right_password_still_opens_the_account():
    attempts = Attempts(Clock())
    tried(attempts, 10)
    assert attempts.begin("an", "198.51.100.1") == 0


def test_an_account_is_not_tried_from_many_addresses_without_end():
    attempts = Attempts(Clock())
    free = [attempts.begin("an", f"198.51.100.{n}") for n in range(60)]
    assert sum(wait == 0 for wait in free) == 20


def test_one_address_does_not_try_many_names_without_end():
    attempts = Attempts(Clock())
    free = [attempts.begin(f"name-{n}", "2001:db8::1:" + hex(n)[2:]) for n in range(120)]
    assert sum(wait == 0 for wait in free) == 50


def test_signing_in_forgets_the_accounts_failures_and_not_the_addresss():
    clock = Clock()
    attempts = Attempts(clock)
    tried(attempts, 4)
    assert attempts.begin("an", "192.0.2.7") == 0
    attempts.succeeded("an", "192.0.2.7")
    assert tried(attempts, 5) == [0] * 5
    assert sum(attempts.begin(f"name-{n}", "192.0.2.7") == 0 for n in range(60)) == 50 - 9


def test_failures_are_forgotten_after_an_hour():
    clock = Clock()
    attempts = Attempts(clock)
    tried(attempts, 5)
    clock.now += 3601
    assert tried(attempts, 5) == [0] * 5
