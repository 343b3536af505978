"""Turtle and TriG in any layout that the grammar lets be, as a strategy of hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.export.merging.layouts import E

_GAPS = [" ", "\n", "\t", "  ", "\n\n", "\n    ", ' # . ; e:c1 " <\n', "\n#\n"]
_TIGHT = '>"])};,'
"""A token may begin right after these."""

_VERBS = ["a", "e:p", "e:a.b", f"<{E}p>", "s:p", f"<{E}x/#q.>"]
_OBJECTS = [
    '"a"',
    '"a . \\" ; b"@de-DE',
    "'''x\n. ''y'' # '''",
    '"""e:c1 a e:x .\n"""^^e:d',
    "1",
    "-1.5e3",
    "2.5",
    "true",
    "e:c1",
    "e:x\\.y",
    f"<{E}#>",
    "_:b.1",
    "[ ]",
    '[ e:p 1 ; e:q "]" ]',
    "( 1 ( ) 'a' )",
]


def documents(*, has_graphs: bool) -> SearchStrategy[str]:
    """Documents that declare ``e`` and a base, in which `E` is said something of, and that may
    declare ``s`` and ``e`` again."""
    return _document(has_graphs)


@st.composite
def _document(draw: DrawFn, has_graphs: bool) -> str:
    chosen = st.sampled_from
    tokens = ["@prefix", "e:", f"<{E}>", ".", "@base", f"<{E}>", ".", "PREFIX", "s:", "<urn:s:>"]

    def statement(is_last: bool = False) -> None:
        tokens.append(draw(chosen(["e:c1", "e:c2", f"<{E}c1>", "<c2>", "s:c1", "_:b", "[ ]"])))
        for number in range(draw(st.integers(1, 4))):
            tokens.extend([";"] * bool(number) + [draw(chosen(_VERBS)), draw(chosen(_OBJECTS))])
            for _ in range(draw(st.integers(0, 2))):
                tokens.extend([",", draw(chosen(_OBJECTS))])
        tokens.extend([";"] * draw(st.integers(0, 1)))
        if not (is_last and draw(st.booleans())):
            tokens.append(".")

    for _ in range(draw(st.integers(0, 5))):
        kinds = ["statement"] * 4 + ["prefix"] + ["graph"] * (2 * has_graphs)
        kind = draw(chosen(kinds))
        if kind == "statement":
            statement()
        elif kind == "prefix":
            name, space = draw(chosen(["s:", "e:"])), draw(chosen([E, f"{E}c", "urn:s:", "c"]))
            at, end = draw(chosen([("@prefix", ["."]), ("Prefix", [])]))
            tokens.extend([at, name, f"<{space}>", *end])
        else:
            names = [["e:g"], ["GRAPH", "<g>"], ["_:g"], ["[ ]"], []]
            tokens.extend([*draw(chosen(names)), "{"])
            size = draw(st.integers(0, 3))
            for number in range(size):
                statement(is_last=number == size - 1)
            tokens.append("}")
    text = ""
    for token in tokens:
        gap = draw(chosen(_GAPS))
        text += "" if text and text[-1] in _TIGHT and draw(st.booleans()) else gap
        text += token
    return text + draw(chosen(["", *_GAPS, " # end"]))
