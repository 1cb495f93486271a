"""Every kind of dirt that real systems have is in the made-up ones."""

import json
import re
import unicodedata
from collections.abc import Callable

import pytest

from merger.demo.overlays import old_communes, successors
from merger.demo.people import decomposed
from merger.demo.settings import settings
from merger.demo.world import shipped_units, world
from merger.mapping.models import Follows

Databases = Callable[..., list]

FORMER, NEW = re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}"), re.compile(r"[A-Z]\d{2}(\.\d{2,3}){0,3}")

SETTINGS = settings()
UNITS = shipped_units(SETTINGS)
WORLDS = [world(SETTINGS, province, UNITS) for province in SETTINGS.provinces]
GUID = WORLDS[0]
ONESTOP = ("onestop-60", "onestop-67", "onestop-68")
DOCUMENTS = ("docs-60", "docs-67", "docs-68")

DOSSIERS = {
    "onestop-60": 'SELECT XaPhuongDiaBan, MaDinhDanh, MaTTHC, NgayTiepNhan, MaHoSo, DiaChiChuHoSo'
                  ' FROM HoSo LEFT JOIN "Group" ON GroupCode = DonViId',
    "onestop-67": "SELECT data->>'$.place.village.value', data->>'$.agency.code', data->>'$.procedure.code',"
                  " data->>'$.acceptedDate', code, applicant->>'$.data.address' FROM dossier",
    "onestop-68": "SELECT commune_code, agency_code, service_code, accepted_at, receipt_no, owner_address"
                  " FROM dossier",
}  # fmt: skip
"""Commune, agency, service, day, number and address of each dossier."""

CITIZENS = {
    "onestop-60": "SELECT SoDinhDanh, HoTen, NgaySinh, MaXa FROM CongDan",
    "onestop-67": "SELECT profile->>'$.identityNumber', profile->>'$.fullname', profile->>'$.birthday',"
                  " village FROM citizen",
    "onestop-68": "SELECT id_number, full_name, born, commune_code FROM citizen",
}  # fmt: skip

OFFICERS = {
    "onestop-60": "SELECT UserName FROM TaiKhoan", "onestop-67": "SELECT username FROM officer",
    "onestop-68": "SELECT login FROM officer", "docs-60": "SELECT username FROM staff",
    "docs-67": "SELECT tai_khoan FROM can_bo", "docs-68": "SELECT login FROM account",
    "platform": "SELECT userName FROM opencps_employee",
}  # fmt: skip

OUTGOING = {
    "docs-60": "SELECT document_code, notation, publish_date, publish_unit_code FROM outgoing_docs",
    "docs-67": "SELECT so, ky_hieu, substr(ngay_ban_hanh, 7) || '-' || substr(ngay_ban_hanh, 4, 2) || '-' ||"
               " substr(ngay_ban_hanh, 1, 2), ma_co_quan FROM van_ban_di",
    "docs-68": "SELECT code_number, code_notation, substr(issued, 1, 4) || '-' || substr(issued, 5, 2) ||"
               " '-' || substr(issued, 7, 2), issuer_eid FROM doc_out",
    "platform": "SELECT codeNumber, codeNotation, issueDate, issuerCode FROM edoc_outgoing_doc",
}  # fmt: skip

PATHS = {
    "onestop-60": "SELECT DinhKem FROM ThanhPhanHoSo", "onestop-67": "SELECT path FROM dossier_file",
    "onestop-68": "SELECT path FROM dossier_file",
}  # fmt: skip
DOCUMENT_PATHS = {
    "docs-60": "SELECT file_path FROM attachment_incoming_docs", "docs-67": "SELECT duong_dan FROM tep_den",
    "docs-68": "SELECT path FROM file_in",
}  # fmt: skip

ORPHANS = {
    "onestop-60": [("ThanhPhanHoSo", "HoSo", "HoSo", "Id"), ("QuaTrinhXuLyHoSo", "MaHoSo", "HoSo", "MaHoSo"),
                   ("YeuCauThanhToan", "MaHoSo", "HoSo", "MaHoSo"), ("NguoiXuLyHoSo", "HoSoId", "HoSo",
                                                                     "Id")],
    "onestop-67": [(table, "dossier_id", "dossier", "id")
                   for table in ("dossier_file", "dossier_log", "dossier_fee", "dossier_task")],
    "onestop-68": [(table, "dossier_id", "dossier", "dossier_id")
                   for table in ("dossier_file", "dossier_step", "payment", "assignment")],
    "docs-60": [("attachment_incoming_docs", "incoming_doc_id", "incoming_docs", "id"),
                ("attachment_outgoing_docs", "outgoing_doc_id", "outgoing_docs", "id"),
                ("handling_docs", "incoming_doc_id", "incoming_docs", "id")],
    "docs-67": [("tep_den", "ma_van_ban", "van_ban_den", "ma_van_ban"),
                ("tep_di", "ma_van_ban", "van_ban_di", "ma_van_ban"),
                ("xu_ly", "ma_van_ban", "van_ban_den", "ma_van_ban")],
    "docs-68": [("file_in", "doc_id", "doc_in", "doc_id"), ("file_out", "doc_id", "doc_out", "doc_id"),
                ("doc_step", "doc_id", "doc_in", "doc_id")],
}  # fmt: skip


def column(ask: Databases, system: str, asked: str, number: int = 0) -> list:
    return [row[number] for row in ask(system, asked)]


def of_old(codes: set[str | None]) -> set[str]:
    return {code for code in codes if code in dict(old_communes(UNITS))}


def facts_of(ask: Databases, system: str) -> list[tuple]:
    """Commune, task, address and day of each dossier whose service is known."""
    here = WORLDS[ONESTOP.index(system)]
    tasks = {task.code: task for level in here.by_level.values() for task in level}
    return [(row[0], tasks[row[2]], row[5], row[3], row[1]) for row in ask(system, DOSSIERS[system])]


@pytest.mark.parametrize("system", ONESTOP)
def test_names_are_decomposed_now_and_then(ask: Databases, system: str) -> None:
    assert any(
        name != unicodedata.normalize("NFC", name) for name in column(ask, system, CITIZENS[system], 1)
    )


@pytest.mark.parametrize("system", ONESTOP)
def test_names_have_their_tone_mark_at_the_old_place_now_and_then(ask: Databases, system: str) -> None:
    names = " ".join(column(ask, system, CITIZENS[system], 1))
    assert any(old in names for old in ("Hoà", "Thuý", "Thuỷ", "Khoẻ"))


@pytest.mark.parametrize("system", ONESTOP)
def test_codes_of_communes_merged_years_before_occur_on_old_and_on_recent_rows(
    ask: Databases, system: str
) -> None:
    stale = SETTINGS.stale_communes[WORLDS[ONESTOP.index(system)].province.code]
    years = {row[3][:4] for row in ask(system, DOSSIERS[system]) if row[0] in stale}
    assert years & {"2018", "2019"}
    assert years & {"2024", "2025"}


@pytest.mark.parametrize("system", ONESTOP)
def test_unknown_empty_and_null_codes_of_communes_occur(ask: Databases, system: str) -> None:
    codes = set(column(ask, system, DOSSIERS[system]))
    assert codes & set(SETTINGS.unknown_communes)
    assert "" in codes
    assert None in codes


@pytest.mark.parametrize("system", ONESTOP)
def test_rows_of_july_carry_new_codes_or_still_old_ones(ask: Databases, system: str) -> None:
    new = {entry.unit.code for entry in UNITS.communes}
    after = "2025-07-03T17" if system == "onestop-67" else "2025-07-04"
    july = {row[0] for row in ask(system, DOSSIERS[system]) if row[3] and after <= row[3] < "2026"}
    assert july & new
    assert of_old(july) - new


@pytest.mark.parametrize("system", ONESTOP)
def test_rows_are_dated_in_the_days_of_doubt_or_not_at_all(ask: Databases, system: str) -> None:
    days = column(ask, system, DOSSIERS[system], 3)
    assert None in days
    assert any(day and "2025-06-29T17" <= day.replace(" ", "T") < "2025-07-04" for day in days)


def test_codes_that_read_both_ways_differently_occur_on_doubtful_and_on_undated_rows(ask: Databases) -> None:
    split = {code for code, into in successors(UNITS).items() if len(into) > 1}
    rows = [row[3] for row in ask("onestop-60", DOSSIERS["onestop-60"]) if row[0] in split]
    assert None in rows
    assert any(day and "2025-06-30" <= day < "2025-07-04" for day in rows)


@pytest.mark.parametrize("system", ["onestop-67", "onestop-68"])
def test_unreadable_days_occur(ask: Databases, system: str) -> None:
    assert set(column(ask, system, DOSSIERS[system], 3)) & {"31/02/2025", "chưa rõ"}


@pytest.mark.parametrize("system", ONESTOP)
def test_agency_codes_are_written_in_both_forms_and_some_are_malformed(ask: Databases, system: str) -> None:
    codes = column(ask, system, DOSSIERS[system], 1)
    former, new = ({code for code in codes if form.fullmatch(code)} for form in (FORMER, NEW))
    assert former
    assert new
    assert set(codes) - former - new


@pytest.mark.parametrize("system", ONESTOP)
def test_numbers_have_dates_of_six_and_of_eight_digits(ask: Databases, system: str) -> None:
    numbers = [number for number in column(ask, system, DOSSIERS[system], 4) if number]
    assert {len(number.split("-")[-2]) for number in numbers} == {6, 8}


def test_one_document_number_was_given_in_three_provinces_on_one_day_by_different_issuers(
    ask: Databases,
) -> None:
    given: dict[tuple, set[str]] = {}
    for system in DOCUMENTS:
        for number, notation, day, issuer in ask(system, OUTGOING[system]):
            if issuer:
                given.setdefault((number, notation, day), set()).add(issuer)
    assert any(len(issuers) == 3 for issuers in given.values())


def test_one_document_number_without_an_issuer_was_given_in_several_systems(ask: Databases) -> None:
    blank = [row for system in DOCUMENTS for row in ask(system, OUTGOING[system]) if row[3] == ""]
    assert len(blank) > len(set(blank))


def test_one_document_came_in_twice_at_one_agency(ask: Databases) -> None:
    rows = ask(
        "docs-60",
        "SELECT document_code, notation, publish_date, publish_unit_code, unit_id FROM incoming_docs",
    )
    assert len(rows) > len(set(rows))


def test_the_same_citizen_is_in_three_systems(ask: Databases) -> None:
    numbers = [set(column(ask, system, CITIZENS[system])) for system in ONESTOP]
    assert {one for one in set.intersection(*numbers) if one and len(one) == 12} - set(SETTINGS.placeholders)


def test_the_same_citizen_is_written_composed_and_decomposed_in_two_systems(ask: Databases) -> None:
    names = [{row[0]: row[1] for row in ask(system, CITIZENS[system])} for system in ONESTOP]
    both = set(names[0]) & set(names[1]) - {None, "", *SETTINGS.placeholders}
    assert any(names[0][one] != names[1][one] and decomposed(names[0][one]) == names[1][one] for one in both)


def test_one_identity_number_belongs_to_two_names(ask: Databases) -> None:
    names: dict[str, set[str]] = {}
    for system in ONESTOP:
        for number, name, _, _ in ask(system, CITIZENS[system]):
            names.setdefault(number, set()).add(unicodedata.normalize("NFC", name))
    assert any(
        len(found) > 1 for number, found in names.items() if number and number not in SETTINGS.placeholders
    )


@pytest.mark.parametrize("system", ONESTOP)
def test_placeholders_stand_for_identity_numbers(ask: Databases, system: str) -> None:
    assert set(column(ask, system, CITIZENS[system])) & set(SETTINGS.placeholders)


@pytest.mark.parametrize("system", ONESTOP)
def test_a_citizen_may_have_no_home_an_empty_one_or_one_in_another_province(
    ask: Databases, system: str
) -> None:
    homes = set(column(ask, system, CITIZENS[system], 3))
    here = WORLDS[ONESTOP.index(system)]
    assert {None, ""} <= homes
    assert of_old(homes) - {one.code for one in (*here.places, *here.divided, *here.together)}


def test_every_two_systems_share_user_names(ask: Databases) -> None:
    users = [set(column(ask, system, asked)) for system, asked in OFFICERS.items()]
    assert set.intersection(*users) >= {"an", "anh"}


@pytest.mark.parametrize(
    ("system", "asked"),
    [
        ("onestop-60", "SELECT NguoiDangXuLy FROM HoSo"),
        ("onestop-67", "SELECT data->>'$.task.assignees' FROM dossier"),
        ("onestop-68", "SELECT handlers FROM dossier"),
    ],
)
def test_a_list_of_officers_holds_a_name_that_is_inside_another(
    ask: Databases, system: str, asked: str
) -> None:
    assert "an##anh" in column(ask, system, asked)


def test_the_same_file_path_is_in_every_two_systems_of_a_kind(ask: Databases) -> None:
    for asked in (PATHS, DOCUMENT_PATHS):
        paths = [set(column(ask, system, one)) for system, one in asked.items()]
        assert set.intersection(*paths)


@pytest.mark.parametrize(("system", "tables"), ORPHANS.items())
def test_every_kind_of_child_has_orphans_but_hardly_any(
    ask: Databases, system: str, tables: list[tuple[str, str, str, str]]
) -> None:
    for child, reference, parent, key in tables:
        ((count, total),) = ask(
            system,
            f"SELECT sum(p.{key} IS NULL), count(*) FROM {child} c"
            f" LEFT JOIN {parent} p ON p.{key} = c.{reference}",
        )  # fmt: skip
        assert 0 < count < total / 4, child


def test_pending_dossiers_are_as_many_as_asked_for_and_finished_ones_come_on_top(
    ask: Databases, rows: int
) -> None:
    finished = "('done', 'returned', 'refused', 'withdrawn')"
    pending = f"SELECT count(*) FROM dossier WHERE state NOT IN {finished}"
    assert ask("onestop-68", pending) == [(rows,)]
    assert ask("onestop-68", "SELECT count(*) FROM dossier") == [(rows + rows * 3 // 10,)]


def test_a_state_that_nobody_knows_occurs(ask: Databases) -> None:
    assert ask("onestop-60", "SELECT count(*) FROM HoSo WHERE TrangThaiHoSoId = '77'") == [(1,)]


def test_rows_that_an_earlier_migration_moved_are_marked(ask: Databases) -> None:
    assert ask("onestop-60", "SELECT count(*) FROM HoSo WHERE ViTriDeHoSo = 'Convert'")[0][0] >= 1


def test_times_at_night_are_the_day_before_in_utc(ask: Databases) -> None:
    days = [day for day in column(ask, "onestop-67", DOSSIERS["onestop-67"], 3) if day and "T" in day]
    assert any(day[11:13] >= "17" and day.endswith("+0000") for day in days)


def test_dates_of_birth_are_text_of_three_kinds(ask: Databases) -> None:
    born = [column(ask, system, CITIZENS[system], 2)[0] for system in ONESTOP]
    assert [len(one) for one in born] == [10, 28, 8]


def test_a_state_is_sometimes_a_number_and_sometimes_an_object(ask: Databases) -> None:
    kinds = {
        type(json.loads(data)["dossierStatus"]) for (data,) in ask("onestop-67", "SELECT data FROM dossier")
    }
    assert kinds == {int, dict}


def test_divided_communes_have_rows_that_a_listed_locality_decides_and_rows_without_one(
    ask: Databases,
) -> None:
    rows = [row for row in facts_of(ask, "onestop-60") if row[0] in GUID.localities]
    listed = [any(name in row[2] for name in GUID.localities[row[0]]) for row in rows]
    assert {True, False} <= set(listed)


def test_divided_communes_have_rows_that_follow_the_land_and_rows_that_follow_the_people(
    ask: Databases,
) -> None:
    follows = {task.follows for code, task, *_ in facts_of(ask, "onestop-60") if code in GUID.localities}
    assert {Follows.LAND, Follows.PEOPLE} <= follows


def test_undivided_people_of_a_divided_commune_have_rows(ask: Databases) -> None:
    together = {place.code for place in GUID.together}
    rows = facts_of(ask, "onestop-60")
    assert any(code in together and task.follows is Follows.PEOPLE for code, task, *_ in rows)


@pytest.mark.parametrize("system", ONESTOP)
def test_work_of_districts_goes_by_rule_to_a_person_and_nowhere(ask: Databases, system: str) -> None:
    here = WORLDS[ONESTOP.index(system)]
    districts = {
        code
        for place in here.places
        if place.district
        for code in (place.district.code, place.district.former)
    }
    asked = {
        task.root
        for code, task, _, _, agency in facts_of(ask, system)
        if agency in districts and code is not None
    }
    for kind in ("by-rule", "person", "no-rule"):
        assert asked & {task.root for task in here.by_level["district"] if task.taken_over == kind}, kind


def test_notes_are_null_empty_long_and_with_four_byte_characters(ask: Databases) -> None:
    for system, asked in (
        ("onestop-60", "SELECT GhiChu FROM HoSo"), ("onestop-67", "SELECT note FROM dossier"),
        ("onestop-68", "SELECT note FROM dossier"),
    ):  # fmt: skip
        notes = column(ask, system, asked)
        assert {None, ""} <= set(notes)
        assert max(len(note) for note in notes if note) > 5000
        assert any(ord(one) > 0xFFFF for note in notes if note for one in note)


def test_the_target_knows_a_citizen_of_the_sources_and_another_under_a_citizens_number(
    ask: Databases,
) -> None:
    own = dict(ask("platform", "SELECT applicantIdNo, applicantName FROM opencps_applicant"))
    both = [
        (name, own[number]) for number, name, *_ in ask("onestop-60", CITIZENS["onestop-60"]) if number in own
    ]
    assert any(theirs == ours for theirs, ours in both)
    assert any(theirs != ours for theirs, ours in both)


def test_the_target_has_paths_numbers_and_documents_of_the_sources(ask: Databases) -> None:
    paths = set(column(ask, "platform", "SELECT filePath FROM edoc_attachment"))
    assert paths & set(column(ask, "docs-67", DOCUMENT_PATHS["docs-67"]))
    numbers = set(column(ask, "platform", "SELECT dossierNo FROM opencps_dossier"))
    documents = set(ask("platform", OUTGOING["platform"]))
    for system in ONESTOP:
        assert numbers & set(column(ask, system, DOSSIERS[system], 4))
    for system in DOCUMENTS:
        assert documents & set(ask(system, OUTGOING[system]))


def test_the_counters_of_the_target_are_ahead_of_its_rows(ask: Databases) -> None:
    counters = dict(ask("platform", "SELECT name, currentid FROM counter"))
    for name, table, key in (
        ("Dossier", "opencps_dossier", "dossierId"), ("DossierLog", "opencps_dossierlog", "dossierLogId"),
        ("DossierFile", "opencps_dossierfile", "dossierFileId"),
    ):  # fmt: skip
        ((highest,),) = ask("platform", f"SELECT max({key}) FROM {table}")
        assert counters[f"org.opencps.dossiermgt.model.{name}"] > highest


def test_nothing_in_the_target_refers_to_what_is_not_there(ask: Databases) -> None:
    assert ask("platform", "PRAGMA foreign_key_check") == []
