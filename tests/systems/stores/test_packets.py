"""Rows of one value, past the driver."""

import pytest
import sqlalchemy as sa
from pymysql.cursors import SSCursor
from pymysql.err import OperationalError

from merger.systems.functions import canonical, row_hash
from merger.systems.kinds import Kind
from merger.systems.stores import open_source, packets
from merger.systems.stores.failures import DatabaseFailed
from merger.systems.stores.lines import LARGE, PIECE
from merger.systems.stores.mariadb import raw_of

LENGTHS = (0, 1, 250, 251, 252, 65_535, 65_536, 300_000)


def test_values_of_every_length_are_read_whole(database) -> None:
    asked = " UNION ALL ".join(f"SELECT REPEAT('x', {length})" for length in LENGTHS)
    with open_source(database("mariadb")) as store, raw_of(store.connection).cursor(SSCursor) as cursor:
        cursor.execute(asked)
        found = list(packets.values(cursor, 3))
        assert [len(some) for some in found] == [3, 3, 2]
        assert [one for some in found for one in some] == [b"x" * length for length in LENGTHS]


def test_a_value_of_several_packets_is_read_whole(database) -> None:
    with open_source(database("mariadb")) as store, raw_of(store.connection).cursor(SSCursor) as cursor:
        cursor.execute("SELECT @@max_allowed_packet")
        ((_, most),) = [(None, int(one)) for some in packets.values(cursor, 9) for one in some]
        if most <= 1 << 24:
            pytest.skip("the server sends no packet that is longer")
        cursor.execute("SELECT REPEAT('x', 16777300) UNION ALL SELECT 'y'")
        found = packets.values(cursor, 9)
        long, more = b"".join(next(found)), next(found)
        assert (len(long), set(long), more, list(found)) == (16_777_300, {ord("x")}, [b"y"], [])


def test_large_values_come_by_themselves_whatever_number_is_asked_for(database) -> None:
    with open_source(database("mariadb")) as store, raw_of(store.connection).cursor(SSCursor) as cursor:
        cursor.execute("SELECT REPEAT('x', 200000) FROM seq_1_to_4")
        assert [len(some) for some in packets.values(cursor, 500)] == [1, 1, 1, 1]


def test_bytes_whose_digits_the_server_cannot_hold_are_an_error_and_never_null(database) -> None:
    """MariaDB answers NULL for what is longer than its packets; its limit as shipped is 16 MB, so a file of
    8 MB in a column was moved as NULL, and hashed as NULL on both sides."""
    url = database("mariadb")
    table = sa.table("file", sa.column("id", sa.Integer), sa.column("content", sa.LargeBinary))
    content = canonical(table.c.content, Kind.BYTES, Kind.BYTES)
    key = sa.cast(table.c.id, sa.Text)
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as admin:
        admin.exec_driver_sql("CREATE TABLE file (id INT, content LONGBLOB)")
        admin.exec_driver_sql("INSERT INTO file VALUES (1, REPEAT('x', 300000)), (2, NULL), (3, '')")
        before = admin.exec_driver_sql("SELECT @@GLOBAL.max_allowed_packet").scalar_one()
        admin.exec_driver_sql("SET GLOBAL max_allowed_packet = 524288")
        try:
            with open_source(url) as store:
                assert store.columns("file")["content"].kind is Kind.BYTES
                with pytest.raises(DatabaseFailed, match="a row is larger than"):
                    list(store.lines(sa.select(key, content)))
                with pytest.raises(DatabaseFailed, match="a row is larger than"):
                    store.connection.execute(sa.select(row_hash([key, content]))).all()
                small = sa.select(key, content).where(table.c.id > 1).order_by(table.c.id)
                assert b"".join(store.lines(small)) == b"2\t\\N\n3\t\n"
        finally:
            admin.exec_driver_sql(f"SET GLOBAL max_allowed_packet = {before}")
    engine.dispose()


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_no_rows_and_whole_numbers_of_rows_end(database, rows: int) -> None:
    with open_source(database("mariadb")) as store, raw_of(store.connection).cursor(SSCursor) as cursor:
        for statement, wanted in (("SELECT 1 WHERE 1 = 0", 0), ("SELECT 1 UNION ALL SELECT 2", 2)):
            cursor.execute(statement)
            assert sum(len(some) for some in packets.values(cursor, rows)) == wanted


def test_a_value_that_is_too_large_is_refused_and_the_connection_serves_on(database) -> None:
    with open_source(database("mariadb")) as store:
        with raw_of(store.connection).cursor(SSCursor) as cursor:
            cursor.execute("SELECT 'a' UNION ALL SELECT NULL UNION ALL SELECT 'b'")
            with pytest.raises(DatabaseFailed, match="a row is larger than"):
                list(packets.values(cursor, 9))
        assert store.connection.exec_driver_sql("SELECT 1").scalar() == 1


@pytest.mark.parametrize("length", [LARGE, LARGE + 1, 1 << 24])
def test_a_large_value_comes_in_pieces(database, length: int) -> None:
    with open_source(database("mariadb")) as store, raw_of(store.connection).cursor(SSCursor) as cursor:
        cursor.execute(f"SELECT 'a' UNION ALL SELECT REPEAT('x', {length}) UNION ALL SELECT 'b'")
        found = [piece for some in packets.values(cursor, 9) for piece in some]
        assert b"".join(found) == b"a" + b"x" * length + b"b"
        assert max(map(len, found)) <= (PIECE if length > LARGE else LARGE)
        assert cursor.execute("SELECT 1") is not None


def test_a_large_value_that_is_not_read_to_its_end_is_no_hindrance(database) -> None:
    with open_source(database("mariadb")) as store:
        with raw_of(store.connection).cursor(SSCursor) as cursor:
            cursor.execute("SELECT REPEAT('x', 20000000) FROM seq_1_to_3")
            found = packets.values(cursor, 9)
            assert next(iter(next(found))) == b"x" * (PIECE - 9)
            found.close()
        assert store.connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_rows_that_are_not_read_to_their_end_are_no_hindrance(database) -> None:
    with open_source(database("mariadb")) as store:
        with raw_of(store.connection).cursor(SSCursor) as cursor:
            cursor.execute("SELECT seq FROM seq_1_to_5000")
            assert next(packets.values(cursor, 2)) == [b"1", b"2"]
        assert store.connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_an_error_on_the_way_is_raised_and_the_connection_serves_on(database) -> None:
    with open_source(database("mariadb")) as store:
        with raw_of(store.connection).cursor(SSCursor) as cursor:
            cursor.execute("SELECT IF(seq = 4000, (SELECT 1 UNION SELECT 2), seq) FROM seq_1_to_5000")
            with pytest.raises(OperationalError, match="more than 1 row"):
                list(packets.values(cursor, 100))
        assert store.connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_a_server_that_is_gone_is_told(database) -> None:
    with open_source(database("mariadb")) as store, raw_of(store.connection).cursor(SSCursor) as cursor:
        cursor.execute("SELECT REPEAT('x', 100000) FROM seq_1_to_5000")
        found = packets.values(cursor, 1)
        next(found)
        raw_of(store.connection)._sock.shutdown(2)
        with pytest.raises(OperationalError, match="Lost connection"):
            list(found)
