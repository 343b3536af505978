#!/bin/sh
# fastobo 0.14.2: qualifiers of Typedef clauses are dropped, so a relation loses its languages.
#
# Any clause of OBO 1.4 may end in qualifiers ({xml:lang="de"}, {source="PMID:1"}). In a [Term] frame
# fastobo tells them (`clause.qualifiers`) and writes them. In a [Typedef] frame the same clauses have
# none and are written without them, and there is no error: whoever loads an ontology and dumps it
# has untagged texts where its relations had names in several languages, and has lost what is said of
# their axioms. The same clause under [Term] keeps all of it.
#
# Seen: Term ['de'] name: Teil  {xml:lang="de"} / Typedef [] name: Teil
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet fastobo==0.14.2
"$folder/venv/bin/python" - <<'PYTHON'
import fastobo

CLAUSES = {
    'name: Teil {xml:lang="de"}': "de",
    'def: "Ein Teil." [] {xml:lang="de"}': "de",
    'synonym: "in" EXACT [] {xml:lang="de"}': "de",
    'is_a: X:2 {source="PMID:1"}': "PMID:1",
}
for clause, value in CLAUSES.items():
    for kind, expected in (("Term", [value]), ("Typedef", [])):
        (read,) = fastobo.loads(f"[{kind}]\nid: X:1\n{clause}\n")[0]
        seen = [qualifier.value for qualifier in read.qualifiers or ()]
        print(kind, seen, read)
        assert seen == expected, f"the behaviour has changed: {kind} {seen}"
        assert (f'="{value}"' in str(read)) == (kind == "Term"), "the behaviour has changed"
PYTHON
