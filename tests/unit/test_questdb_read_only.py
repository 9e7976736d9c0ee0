"""Free SQL asks one question and changes nothing, however it is written."""

import pytest

from karb.adapters.questdb.read_only import question
from karb.errors import UsageError

QUESTIONS = (
    "SELECT 1",
    "  select * from kalshi_ticks where ticker = 'KXNFLGAME-X'\n",
    "WITH t AS (SELECT 1) SELECT * FROM t",
    "SHOW TABLES",
    "explain select 1",
    "-- why\nSELECT 1",
    "/* drop; */ SELECT 1 -- ; drop table t",
    "SELECT 'it''s; drop table t' AS x",
    'SELECT "update", "a;b" FROM t',
    "SELECT updated, created_at, settled, dropped FROM t",
)


@pytest.mark.parametrize("sql", QUESTIONS)
def test_a_question_is_taken_as_it_stands(sql: str) -> None:
    assert question(sql) == sql.strip()


@pytest.mark.parametrize("sql", ["SELECT 1;", "SELECT 1 ;\n", "SELECT ';';", "SELECT 1;; "])
def test_a_semicolon_at_the_end_is_left_out(sql: str) -> None:
    assert not question(sql).endswith(";")


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("", "no statement"),
        (" ; ", "no statement"),
        ("-- nothing", "no statement"),
        ("DROP TABLE kalshi_ticks", "DROP is no question"),
        ("insert into t values (1)", "INSERT is no question"),
        ("/* SELECT */ DROP TABLE t", "DROP is no question"),
        ("VALUES (1)", "VALUES is no question"),
        ("SELECT 1; DROP TABLE t", "more than one"),
        ("SELECT 'a' ; -- b\n SELECT 2", "more than one"),
        ("WITH t AS (SELECT 1) INSERT INTO u SELECT * FROM t", "INSERT can change"),
        ("with t as (select 1) update u set x = 1 from t", "UPDATE can change"),
        ("EXPLAIN UPDATE t SET x = 1", "UPDATE can change"),
        ("SELECT 1 \n/* */ UNION DROP TABLE t", "DROP can change"),
        ("SELECT '\\'; DROP TABLE t --'", "more than one"),
    ],
)
def test_anything_else_is_refused_with_its_reason(sql: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as refused:
        question(sql)
    assert refused.value.means == "nothing was run"
