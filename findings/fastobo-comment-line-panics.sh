#!/bin/sh
# fastobo 0.14.2: a line that is a comment inside of a frame ends in a panic that is no Exception.
#
# A line of an OBO file may be a comment ("! ...": OBO 1.2 says at any point in the file). In a frame
# fastobo's grammar expects one ("expected EOI, Comment, or TermClause"), but what comes after takes
# it for a clause and panics ("entered unreachable code"). In Python that is a PanicException, which
# derives from BaseException: `except Exception` does not hold it, and a program that reads the files
# of others ends. Between the header and the first frame the same line is a SyntaxError; a comment
# at the end of a line is read.
#
# Seen: end of a line: read / line in a frame: PanicException / line after the header: SyntaxError
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet fastobo==0.14.2
"$folder/venv/bin/python" - 2>/dev/null <<'PYTHON'
import fastobo

DOCUMENTS = {
    "end of a line": "[Term]\nid: X:1\nname: heart ! a comment\n",
    "line in a frame": "[Term]\nid: X:1\n! a comment\nname: heart\n",
    "line after the header": "ontology: x\n\n! a comment\n[Term]\nid: X:1\nname: heart\n",
}
expected = {
    "end of a line": "read",
    "line in a frame": "PanicException",
    "line after the header": "SyntaxError",
}
seen = {}
for where, document in DOCUMENTS.items():
    try:
        fastobo.loads(document, threads=1)
        seen[where] = "read"
    except BaseException as error:
        seen[where] = type(error).__name__
        if seen[where] == "PanicException":
            assert not isinstance(error, Exception)
    print(f"{where}: {seen[where]}", flush=True)
if seen != expected:
    raise SystemExit(f"the behaviour has changed: {seen}")
PYTHON
