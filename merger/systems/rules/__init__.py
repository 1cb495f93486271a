"""Rules of a target's tables that no list of columns says (checks, indexes over expressions or over some
rows, generated columns): what they say, and what they say of rows that are not there yet.

Nothing is parsed that could be asked: the target's database itself computes its own expressions, over rows
that travel within the statement; of SQLite, over one row at a time of a table in memory that is made by the
same statement. Nothing is written.
"""

from merger.systems.rules.judging import FAILED, Answers, Judge, judge_of, knowable, rules_of
from merger.systems.rules.model import Rule

__all__ = ["FAILED", "Answers", "Judge", "Rule", "judge_of", "knowable", "rules_of"]
