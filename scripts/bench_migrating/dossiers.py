"""The rows that are moved: one table of made-up dossiers, some 300 bytes each, the same in every database."""

from datetime import datetime, timedelta
from pathlib import Path

TABLE = "dossier"
COLUMNS = (
    "id",
    "number",
    "commune",
    "province",
    "agency",
    "service",
    "received",
    "due",
    "status",
    "owner",
    "address",
    "note",
    "fee",
)
COMMUNES = 100
AGENCIES = 10
PROVINCES = 2
"""Codes of before: half of the communes and half of the agencies belong to each province."""

COMBINATIONS = COMMUNES * AGENCIES // PROVINCES
"""Different combinations of codes, each of which the plan decides."""

DDL = {
    "postgresql": (
        f"CREATE TABLE {TABLE} (id bigint PRIMARY KEY, number varchar(30) NOT NULL, commune varchar(5), "
        "province varchar(2), agency varchar(20), service varchar(30), received timestamp, due timestamp, "
        "status varchar(2), owner varchar(100), address varchar(200), note text, fee numeric(12,2))"
    ),
    "mariadb": (
        f"CREATE TABLE {TABLE} (id bigint PRIMARY KEY, number varchar(30) NOT NULL, commune varchar(5), "
        "province varchar(2), agency varchar(20), service varchar(30), received datetime, due datetime, "
        "status varchar(2), owner varchar(100), address varchar(200), note text, fee decimal(12,2)) "
        "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"
    ),
    "sqlite": (
        f"CREATE TABLE {TABLE} (id INTEGER PRIMARY KEY, number TEXT NOT NULL, commune TEXT, province TEXT, "
        "agency TEXT, service TEXT, received TEXT, due TEXT, status TEXT, owner TEXT, address TEXT, note TEXT, "
        "fee NUMERIC)"
    ),
}

FAMILIES = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý"]
MIDDLES = ["Văn", "Thị", "Hữu", "Đức", "Minh", "Ngọc", "Thanh", "Quốc", "Xuân", "Kim", "Gia"]
GIVEN = ["An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Hạnh", "Hùng", "Khánh", "Lan", "Linh", "Mai", "Nam", "Oanh", "Phúc", "Quân", "Sơn", "Thảo", "Tùng", "Yến"]
STREETS = ["Trần Phú", "Hùng Vương", "Lê Lợi", "Nguyễn Huệ", "Hai Bà Trưng", "Phan Đình Phùng", "Quang Trung"]
NOTES = (
    "Đã tiếp nhận đủ thành phần hồ sơ, chờ thẩm định thực địa; hẹn người dân bổ sung bản vẽ trước ngày trả",
    "Người nộp đề nghị nhận kết quả qua đường bưu chính công ích tại địa chỉ đã đăng ký",
    "Hồ sơ nộp trực tuyến, bản chính đối chiếu khi trả kết quả; lệ phí đã thanh toán qua cổng quốc gia",
    "Chuyển bộ phận chuyên môn xử lý, có văn bản xin ý kiến kèm theo",
)
FIRST_DAY = datetime(2024, 1, 1, 7, 30)
DAYS = 500
"""All are received before the codes change."""


def commune(number: int) -> str:
    """The code of an old commune, 0 to COMMUNES - 1."""
    return f"{10001 + number}"


def province(number: int) -> str:
    """The code of an old province, from 1."""
    return f"{number:02}"


def agency(number: int) -> str:
    """The code of an old agency, 0 to AGENCIES - 1."""
    share = AGENCIES // PROVINCES
    return f"Z{number // share + 1:02}.{number % share + 1:02}"


def service(number: int) -> str:
    """The code of the service with which an agency deals."""
    return f"1.{number % (AGENCIES // PROVINCES) + 1:06}"


def write(file: Path, rows: int) -> int:
    """Writes rows as tab-separated UTF-8 text, no value NULL, none to be escaped; their mean bytes."""
    days = [FIRST_DAY + timedelta(days=day) for day in range(DAYS)]
    received = [f"{day:%Y-%m-%d %H:%M:%S}" for day in days]
    due = [f"{day + timedelta(days=30, hours=9):%Y-%m-%d %H:%M:%S}" for day in days]
    owners = [f"{family} {middle} {given}" for family in FAMILIES for middle in MIDDLES for given in GIVEN]
    share, each = COMMUNES // PROVINCES, AGENCIES // PROVINCES
    combinations = [
        (
            commune(place),
            province(place // share + 1),
            agency(place // share * each + holder),
            service(holder),
        )
        for place in range(COMMUNES)
        for holder in range(each)
    ]
    middle = ["\t".join(one) for one in combinations]
    with file.open("w", encoding="utf-8", newline="\n") as out:
        for start in range(1, rows + 1, 10_000):
            out.writelines(
                f"{n}\tZ{n % 7:02}-{n % DAYS:03}-{n:08}\t{middle[n * 7919 % COMBINATIONS]}"
                f"\t{received[n % DAYS]}\t{due[n % DAYS]}\t{(1, 4, 9)[n % 3]}"
                f"\t{owners[n * 31 % len(owners)]}\tSố {n % 997 + 1}, đường {STREETS[n % 7]}, tổ dân phố {n % 40 + 1}"
                f"\t{NOTES[n % 4]}; số lưu {n * 104729 % 1000003}\t{n % 90 * 5000}.00\n"
                for n in range(start, min(start + 10_000, rows + 1))
            )
    return file.stat().st_size // rows
