"""Is this SQL a question, and only one?

QuestDB has no read-only user by default, runs every statement of a text, and lets a WITH end in
an INSERT. So a text has to be one statement that begins as a question does, and no word that
changes anything may stand in it outside of quotes. (A column that has such a word for its
name needs quotes in QuestDB as well.)
"""

import re

from karb.errors import UsageError

_QUESTIONS = ("select", "with", "show", "explain")
_CHANGES = frozenset(
    {
        "alter",
        "backup",
        "cancel",
        "checkpoint",
        "copy",
        "create",
        "delete",
        "drop",
        "grant",
        "insert",
        "into",
        "refresh",
        "reindex",
        "rename",
        "repair",
        "reset",
        "resume",
        "revoke",
        "set",
        "snapshot",
        "suspend",
        "truncate",
        "update",
        "vacuum",
    }
)
_ASIDE = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_WORD = re.compile(r"\w+")
_DO = "ask one question: SELECT, WITH ... SELECT, SHOW or EXPLAIN"


def question(sql: str) -> str:
    """The statement without a semicolon behind it. Raises `UsageError` when it is no question."""
    text = sql.strip()
    bare = _ASIDE.sub(lambda found: "''" if found[0][0] in "'\"" else " ", text).strip()
    if bare.endswith(";") and text.endswith(";"):
        return question(text[:-1])
    if ";" in bare:
        raise _refused("more than one statement")
    words = [word.lower() for word in _WORD.findall(bare)]
    if not words or words[0] not in _QUESTIONS:
        raise _refused(f"{words[0].upper()} is no question" if words else "there is no statement")
    if change := next((word for word in words if word in _CHANGES), ""):
        raise _refused(f"{change.upper()} can change something")
    return text


def _refused(why: str) -> UsageError:
    return UsageError(f"karb only reads history: {why}", means="nothing was run", do=_DO)
