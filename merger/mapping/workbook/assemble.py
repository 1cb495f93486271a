"""Rows put together into files: trees of values as a file of definitions would hold them.

The line of a node is the index of its cell among the places of all workbooks read.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence

from merger.errors import Finding, Place
from merger.mapping.models import KINDS
from merger.mapping.tree import Node, shorten
from merger.mapping.workbook.cells import Book, problem
from merger.mapping.workbook.sheets import FILES, SHEETS, UNITS, Column
from merger.mapping.workbook.tables import Row, heading
from merger.mapping.workbook.values import Unusable, Value, value_of

Key = tuple[str, ...]
Cells = dict[str, Node]

MAX_FINDINGS = 2_000

_IN_SEVERAL_ROWS = ("Communes", "Provinces")
_ALWAYS = {"rules", "localities", "decisions"}


class Assembly:
    """The files of one workbook. What is wrong is added to `findings`, the places of nodes to `places`."""

    def __init__(
        self,
        book: Book,
        rows: Mapping[str, Sequence[Row]],
        id_: str,
        findings: list[Finding],
        places: list[Place],
    ) -> None:
        self._book = book
        self._rows = rows
        self._findings = findings
        self._places = places
        self._roots: dict[str, Node] = {}
        self._entries: dict[Key, Node] = {}
        self._said: dict[tuple[Key, str], tuple[Node, int]] = {}
        self._read_files(id_)
        self._all_vn = not any(self._other(root) for root in self._roots.values())
        for row in (row for sheet in SHEETS[1:] for row in rows[sheet.name]):
            if len(findings) > MAX_FINDINGS:
                findings.append(problem(row.place("file"), "DOC289", limit=MAX_FINDINGS))
                break
            self._take(row)
        self._finish()

    def files(self) -> Iterator[tuple[str, Node]]:
        """Each file's id and tree, in the order of the sheet of files."""
        yield from self._roots.items()

    def _read_files(self, id_: str) -> None:
        for row in self._rows[FILES]:
            cells = self._cells(row, vn=False)
            if "file" not in cells:
                cells["file"] = Node(self._at(row, "file"), 1, id_)
            if cells["file"].broken:
                continue
            name = cells["file"].value
            if not isinstance(name, str) or not name:
                self._findings.append(problem(row.place("file"), "DOC272", name=heading("file")))
                continue
            if name in self._roots:
                first = self._places[self._roots[name].line]
                self._findings.append(problem(row.place("file"), "DOC274", id=shorten(name), first=first))
                continue
            root = Node(cells["file"].line, 1, {})
            self._roots[name] = self._put_all(root, row, cells)
            self._need_day(row, root)
        if not self._roots and not self._findings:
            self._findings.append(problem(self._book.place(FILES), "DOC286"))

    def _need_day(self, row: Row, root: Node) -> None:
        schema = root.child("schema")
        model = KINDS.get(str(schema.value)) if schema else None
        field = model.model_fields.get("effective") if model else None
        if field is not None and field.is_required() and root.child("effective") is None:
            _put(root, ("effective",), self._missing(row, "effective"))

    def _other(self, root: Node) -> bool:
        codes = root.child("codes")
        return codes is not None and codes.value == "other"

    def _take(self, row: Row) -> None:
        name = self._file_of(row)
        root = self._roots.get(name or "")
        vn = self._all_vn if root is None or not self._is(root, UNITS) else not self._other(root)
        cells = self._cells(row, vn)
        if root is None or not self._fits(row, root):
            return
        if row.sheet.name in _IN_SEVERAL_ROWS:
            self._take_edge(row, root, cells)
        elif row.sheet.name == "Areas":
            self._take_area(row, root, cells)
        else:
            entry = self._put_all(Node(self._at(row, "file"), 1, {}), row, cells)
            if row.sheet.name == "Rules":
                self._say_to(row, entry, cells)
            self._list(root, row.sheet.part).append(entry)

    def _file_of(self, row: Row) -> str | None:
        """The file of a row; a row that leaves it empty belongs to the only file there is."""
        cell = row.cells.get("file")
        if cell is None or cell.kind != "text":
            if cell is None and len(self._roots) == 1:
                return next(iter(self._roots))
            if cell is None:
                self._findings.append(problem(row.place("file"), "DOC272", name=heading("file")))
            return None
        name = cell.text.strip()
        if name not in self._roots:
            near = next(iter(difflib.get_close_matches(name[:80], self._roots, 1)), "–")
            fields = {"id": shorten(name), "near": near, "sheet": FILES}
            self._findings.append(problem(row.place("file"), "DOC273", **fields))
        return name

    def _fits(self, row: Row, root: Node) -> bool:
        schema = root.child("schema")
        if schema is None or schema.broken or not row.sheet.schema or self._is(root, row.sheet.schema):
            return True
        fields = {"sheet": row.sheet.name, "schema": schema.value, "wanted": row.sheet.schema}
        self._findings.append(problem(row.place("file"), "DOC275", **fields))
        return False

    def _is(self, root: Node, schema: str) -> bool:
        said = root.child("schema")
        return said is not None and said.value == schema

    def _take_edge(self, row: Row, root: Node, cells: Cells) -> None:
        """One row of an entry: the first one makes it, the others say more of it."""
        key = self._key(row, root, cells)
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = Node(self._at(row, "file"), 1, {})
            _put(entry, ("from",), Node(entry.line, 1, []))
            if row.sheet.name == "Provinces":
                _put(root, ("province",), entry)
            else:
                self._list(root, row.sheet.part).append(entry)
        for column in row.sheet.columns:
            if column.key in cells and not column.old:
                self._say_once(row, key, entry, column, cells[column.key])
        edge = {
            column.key: cells[column.key]
            for column in row.sheet.columns
            if column.old and column.key in cells
        }
        if edge:
            into = Node(self._at(row, "old_code"), 1, {})
            self._list(entry, "from").append(self._put_all(into, row, edge))

    def _say_once(self, row: Row, key: Key, entry: Node, column: Column, node: Node) -> None:
        before = self._said.setdefault((key, column.key), (node, row.number))
        if before[0] is node:
            if column.at:
                _put(entry, column.at, node)
        elif before[0].value != node.value and not node.broken and not before[0].broken:
            fields = {"name": heading(column.key), "row": before[1], "other": shorten(before[0].value)}
            self._findings.append(problem(row.place(column.key), "DOC278", **fields))

    def _take_area(self, row: Row, root: Node, cells: Cells) -> None:
        entry = self._entries.get(self._key(row, root, cells))
        if entry is None:
            if "new_code" in cells and not cells["new_code"].broken:
                self._findings.append(problem(row.place("new_code"), "DOC279", code=cells["new_code"].value))
            return
        of_entry = ("file", "clause", "new_code", "entry")
        said = {key: node for key, node in cells.items() if key not in of_entry}
        first = self._at(row, "area_name")
        self._list(entry, "areas").append(self._put_all(Node(first, 1, {}), row, said))

    def _key(self, row: Row, root: Node, cells: Cells) -> Key:
        """What the rows of one entry have in common."""
        file = str(root.line)
        if row.sheet.name == "Provinces":
            return ("Provinces", file)
        of_entry = (cells.get(key) for key in ("clause", "new_code", "entry"))
        return ("Communes", file, *(str(node.value) if node else "" for node in of_entry))

    def _finish(self) -> None:
        for (key, name), (node, _) in self._said.items():
            entry = self._entries[key].value
            if name == "keep" and node.value == "yes" and isinstance(entry, dict) and "into" in entry:
                entry["keep"] = entry.pop("into")
                if not _items(entry["from"]):
                    del entry["from"]
        for root in self._roots.values():
            schema = root.child("schema")
            model = KINDS.get(str(schema.value)) if schema else None
            for part in _ALWAYS & set(model.model_fields if model else ()):
                self._list(root, part)

    def _say_to(self, row: Row, entry: Node, cells: Cells) -> None:
        """`to` of a competence rule: a word, or a word and whom it means."""
        to, value = cells.get("to"), cells.get("to_value")
        if to is None or to.broken:
            return
        if to.value in ("function", "agency"):
            said = value or self._missing(row, "to_value")
            _put(entry, ("to",), Node(to.line, 1, {str(to.value): said}, {str(to.value): (said.line, 1)}))
        elif value is not None:
            self._findings.append(problem(row.place("to_value"), "DOC288", name=heading("to")))

    def _cells(self, row: Row, vn: bool) -> Cells:
        """What the cells of a row say; broken nodes where that cannot be known or is missing."""
        cells: Cells = {}
        for column in row.sheet.columns:
            cell = row.cells.get(column.key)
            if cell is None:
                continue
            line = self._at(row, column.key)
            try:
                value = value_of(cell, column, vn=vn, since_1904=self._book.since_1904)
            except Unusable as why:
                fields = {"name": heading(column.key), **why.fields}
                self._findings.append(problem(self._places[line], why.code, **fields))
                cells[column.key] = Node(line, 1, None, broken=True)
                continue
            cells[column.key] = _node(value, line)
        area = row.sheet.name == "Areas"
        edge = area or any(column.old and column.key in cells for column in row.sheet.columns)
        for column in row.sheet.columns:
            if column.needed and column.key not in cells and (edge or not column.old):
                cells[column.key] = self._missing(row, column.key)
        if ("lat" in cells) != ("lon" in cells):
            missing = "lon" if "lat" in cells else "lat"
            cells[missing] = self._missing(row, missing)
        return cells

    def _missing(self, row: Row, key: str) -> Node:
        self._findings.append(problem(row.place(key), "DOC271", name=heading(key)))
        return Node(self._at(row, key), 1, None, broken=True)

    def _put_all(self, node: Node, row: Row, cells: Cells) -> Node:
        for column in row.sheet.columns:
            if column.at and column.key in cells:
                _put(node, column.at, cells[column.key])
        return node

    def _list(self, node: Node, part: str) -> list[Node]:
        below = node.child(part)
        if below is None:
            below = Node(node.line, 1, [])
            _put(node, (part,), below)
        return _items(below)

    def _at(self, row: Row, key: str) -> int:
        self._places.append(row.place(key))
        return len(self._places) - 1


def _items(node: Node) -> list[Node]:
    assert isinstance(node.value, list)
    return node.value


def _node(value: Value | None, line: int) -> Node:
    if isinstance(value, list):
        return Node(line, 1, [Node(line, 1, one) for one in value])
    if isinstance(value, dict):
        below = {key: _node(one, line) for key, one in value.items()}
        return Node(line, 1, below, dict.fromkeys(value, (line, 1)))
    return Node(line, 1, value)


def _put(node: Node, at: Sequence[str], value: Node) -> None:
    """Puts a value under the keys that lead to it; a number is an index, its list filled in order."""
    for step, following in zip(at, (*at[1:], None), strict=True):
        below = value if following is None else node.child(step)
        if below is None:
            below = Node(value.line, 1, [] if following and following.isdigit() else {})
        if isinstance(node.value, list):
            node.value.insert(int(step), below)
        elif isinstance(node.value, dict):
            node.value[step] = below
            node.keys.setdefault(step, (value.line, 1))
        node = below
