"""The made-up demo as an office would have it: accounts, keys, 520 held dossiers of one divided commune."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from merger.approval import Role, add_person, load_key, new_key
from merger.demo import write_demo
from merger.migrate import api
from merger.review import Settings
from merger.review.web.accounts import Accounts
from merger.review.web.serving import listening, server_of

ROWS = 30
HELD = 520
COMMUNE, OLD_NAME, HOLDER, INTO = "22978", "Phong Phú", "G0053", "22972"
"""The divided commune, its old name, the source's name of the agency whose dossiers are held, one of the two
possible successors."""
SERVICES = (
    "2.000884.000.00.00.H98", "2.000913.000.00.00.H98", "1.001257.000.00.00.H98", "1.000419.000.00.00.H98",
)  # fmt: skip
PASSWORD = "một câu dài dễ nhớ"
PASSPHRASE = "cụm mật khẩu dùng thử"
ACCOUNTS = {
    "chi": ("administrator",),
    "lan": ("decider", "operator", "auditor"),
    "an": ("approver",),
    "binh": ("approver",),
}
SIGNERS = {"an": "Trần Thị An", "binh": "Lê Văn Bình"}


def make_office(folder: Path) -> Path:
    """Writes the folder with a plan `plan.json` that nobody signed."""
    job = write_demo(folder, ROWS, 2025)
    _hold(folder / "databases" / "onestop-60.db")
    accounts = Accounts(Settings(folder).accounts_file)
    for name, roles in ACCOUNTS.items():
        accounts.add(name, roles, PASSWORD)
    now = datetime.now(UTC)
    for account, name in SIGNERS.items():
        public = new_key(name, folder / f"{account}.key", PASSPHRASE)
        role = Role.ADMINISTRATOR if account == "an" else Role.APPROVER
        first = load_key(folder / "an.key", PASSPHRASE)
        add_person(folder / "trust.json", public, role, first, now, account=account)
    api.make_plan(job, folder / "plan.json", (), False, lambda *_: None)
    return folder


def _hold(database: Path) -> None:
    """Adds pending dossiers of the divided commune, whose addresses name none of its localities."""
    with sqlite3.connect(database) as connection:
        connection.row_factory = sqlite3.Row
        model = dict(connection.execute("SELECT * FROM HoSo WHERE TrangThaiHoSoId = '4'").fetchone())
        names = ", ".join(model)
        marks = ", ".join(f":{name}" for name in model)
        day = "2025-03-03 08:00:00"
        for number in range(HELD):
            connection.execute(
                f"INSERT INTO HoSo ({names}) VALUES ({marks})",
                model
                | {
                    "Id": f"00000000-0000-0000-0000-{number:012d}",
                    "MaHoSo": f"000.23.32.H98-250303-{number:04d}",
                    "DonViId": HOLDER,
                    "DonViPhiDiaGioi": None,
                    "XaPhuongDiaBan": COMMUNE,
                    "DiaChiChuHoSo": f"Số {number} đường Gió Nồm",
                    "MaTTHC": SERVICES[number % len(SERVICES)],
                    "NgayNopHoSo": day,
                    "NgayTiepNhan": day,
                    "CreatedOn": day,
                },
            )
    connection.close()


def copy_of(office: Path, into: Path) -> Path:
    """A copy that a test may change."""
    shutil.copytree(office, into)
    return into


@contextmanager
def served(folder: Path, accounts: bool = True) -> Iterator[str]:
    """The pages over a folder, on a free port of this machine. Yields the address."""
    settings = Settings(folder, port=0, accounts=accounts, token="" if accounts else "token")
    with listening(settings) as listener:
        server = server_of(settings)
        thread = Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)
            assert not thread.is_alive()
