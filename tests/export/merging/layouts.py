"""Valid files in the odd layouts that people and programs write: ``¶`` is the end of the file."""

from __future__ import annotations

from textwrap import dedent

E = "http://e.example/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
MARK = "\ufeff"


def _file(text: str) -> str:
    return dedent(text).removeprefix("\n").partition("¶")[0].replace("{E}", E)


PREFIXES = _file(f"""
    @prefix e: <{E}> .
    @prefix skos: <{SKOS}> .
    """)

LINES = {
    "blocks": _file("""
        <{E}c1> <{E}p> "jug"@en .
        <{E}c1> <{E}q> "x" .
        <{E}c2> <{E}p> "x" .
        """),
    "without its last line end": '<{E}c1> <{E}p> "jug"@en .'.replace("{E}", E),
    "with a byte order mark": MARK + _file('<{E}c1> <{E}p> "jug"@en .\n'),
    "comments": _file("""
        # <{E}c1>

          <{E}c1>\t<{E}p>\t"j .\\n" . # c
        #<{E}c1> <{E}p> "n" .
        _:b <{E}p> _:c .
        """),
    "escapes": _file("""
        <{E}c\\u0031> <{E}p> "jug"@en .
        <{E}c\\U00000032> <{E}p> "jug"@en .
        """),
    "nothing": "",
    "only a comment": "# nothing",
}

TURTLE = {
    "a block": PREFIXES
    + _file("""
        e:c1 a skos:Concept ;
          skos:prefLabel "jug"@en, "Krug"@de ;
          skos:notation 1 .
        """),
    "blocks on a line": PREFIXES
    + _file("""
        e:c1 a skos:Concept ; skos:prefLabel "jug"@en .

        e:c2 a skos:Concept .
        """),
    "two on a line": PREFIXES + "e:c1 a e:x . e:c2 a e:x .\n e:c3 a e:c1.",
    "a line for each triple": PREFIXES
    + _file("""
        e:c1 a e:x .
        e:c1 a e:y . # c
        # d
        e:c1 a e:z .
        e:c2 a e:x .
        """),
    "a comment at the end": PREFIXES + 'e:c1 a e:x ;\n skos:prefLabel "a" . # .',
    "no space at the end": PREFIXES + "e:c1 a e:x .# .",
    "a full stop on its own": PREFIXES
    + _file("""
        e:c1 a e:x ;
            skos:prefLabel "a" ;
        .
        """),
    "semicolons first": PREFIXES
    + _file("""
        e:c1
            a e:x
          ; skos:prefLabel "a"
          ;; skos:altLabel "b"
          .
        """),
    "prefixes redefined": PREFIXES
    + _file("""
        e:c1 a e:x .
        @prefix e: <urn:e:> . @prefix skos: <urn:s:> .
        PREFIX f: <{E}>
        f:c2 a e:x .
        prefix skos:<http://www.w3.org/2004/02/skos/core#>f:c3 a f:x.
        """),
    "a prefix redefined in the line": PREFIXES
    + "e:c1 a e:x . @prefix e: <urn:e:> .\ne:c1 a e:x .\n",
    "bases": _file("""
        @base <{E}x/y> .
        <../c1> a <#x> ;
          <#p> <> .
        BASE <{E}z>
        <c2> a <x>.
        @base <urn:x:y> .
        """),
    "a base from outside": "<c1> a <c2> .\n",
    "strings": PREFIXES
    + _file("""
        e:c1 skos:note \"\"\"e:c1 a e:x ;
         . "quoted" \\\"\"\"\" , '''it's
        # not ; a . comment ''' , "" , '' , '\\'' ;
         skos:prefLabel "a;"@en .
        """),
    "names": PREFIXES
    + _file(r"""
        e:c1 e:a.b e:c\.d\;e, e:%20.f, e:, e:c\#d, _:a.b ; e:x 1.e0, .5, -1.5e1,2. e:c2 e:p true.
        e:c3 a e:c.3.e.
        """),
    "numbers": PREFIXES + "e:c1 e:p 1 .e:c2 e:p 1.5. e:c3 e:p 1 . e:c4 e:p -.5e3 .\n",
    "nested": PREFIXES
    + _file("""
        e:c1 e:p [ e:q "a" ;
            e:r ( 1 "b;" [ ] ) ;
          ] ;
          skos:prefLabel "c" ;
          e:s (
            1 ) .
        [] e:p e:c1 .
        [ e:p 1 ] .
        ( 1 ) e:p 2 .
        """),
    "with a byte order mark": MARK + PREFIXES + "e:c1 a e:x .\n",
    "only prefixes": PREFIXES,
    "nothing": "",
    "blank lines": "\n \n",
    "tight": f"@prefix e:<{E}>.e:c1 a<{E}x>;<{E}p>'a'@en,\"b\"^^<d>.e:c2<{E}p><{E}q>.",
    "comments between": _file("""
        PREFIX # a
         e: # <b>
         <{E}> # .
        e:c1 # ;
         a # .
         e:x ; # e:
         e:p 1 # ;
         . # .
        """),
    "IRIs with escapes": _file("""
        <{E}c\\u0031> a <{E}x> ;
         <{E}p> 1 .
        """),
    "a prefix of half a name": f"@prefix e: <{E}c> .\n@prefix l: <{SKOS}pref> .\ne:1 a e:2 .\n",
}

TRIG = {
    "graphs": PREFIXES
    + _file("""
        e:g1 {
          e:c1 a e:x .
          e:c2 a e:x .
        }
        GRAPH e:g2 { e:c1 a e:y }
        """),
    "without a full stop": PREFIXES + "<urn:g> { e:c1 a e:x }\n",
    "on one line": PREFIXES + "_:g { e:c1 a e:x . } [] { e:c2 a e:y }",
    "the default graph": PREFIXES
    + _file("""
        { e:c1 a e:x . e:c3 a e:y }
        { e:c2 a e:x
        }
        e:c4 a e:x .
        {}¶
        """),
    "one subject to the end": PREFIXES + "e:g {\n e:c1 a e:x .\n e:c1 a e:y\n}\n",
    "comments": PREFIXES + "graph e:g # {\n{ # }\n e:c1 a e:x # .\n } # }\n",
}

_ROOT = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    f' xmlns:skos="{SKOS}" xmlns:e="{E}"'
)
XML = {
    "elements": _file(f"""
        <?xml version="1.0" encoding="UTF-8"?>
        <!-- a comment -->
        {_ROOT}>
          <skos:Concept rdf:about="{E}c1">
            <skos:prefLabel xml:lang="en">jug</skos:prefLabel>
            <skos:notation>A
        B</skos:notation> <!-- <e:c1> -->
          </skos:Concept>

          <rdf:Description rdf:about="{E}c2"/>
          <!-- the end -->
        </rdf:RDF>
        """),
    "on one line": f'{_ROOT}><e:x rdf:about="{E}c1"><e:p>a</e:p></e:x></rdf:RDF>',
    "elements on a line": f'{_ROOT}>\n<e:x rdf:about="{E}c1"><e:p>a</e:p></e:x>\n</rdf:RDF>',
    "nothing": f"{_ROOT}></rdf:RDF>",
    "nested": _file(f"""
        {_ROOT} xml:base="{E}x">
        \t<e:x rdf:about="c3" e:name="three">
        \t\t<e:p><e:x rdf:ID="c1" xml:base="{E}y"><e:q/>
        \t\t\t<e:p rdf:parseType="Resource">
        \t\t\t\t<e:q>a</e:q>
        \t\t\t</e:p>
        \t\t\t<e:p rdf:parseType="Collection">
        \t\t\t\t<e:x rdf:about="c2"><e:p>1</e:p>
        \t\t\t\t</e:x>
        \t\t\t</e:p></e:x>
        \t\t</e:p>
        \t\t<e:p rdf:resource="c1"/>
        \t</e:x>
        </rdf:RDF>
        """),
    "entities": _file(f"""
        <?xml version='1.0'?>
        <!DOCTYPE rdf:RDF [
          <!ENTITY e "{E}">
          <!ENTITY l "a
        b">
        ]>
        {_ROOT}>
          <skos:Concept rdf:about="&e;c1">
            <skos:prefLabel>&l;&amp;</skos:prefLabel>
          </skos:Concept>
        </rdf:RDF>
        """),
    "other prefixes": _file(f"""
        <r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="{SKOS}" xmlns:rdf="{E}">
          <Concept r:about="{E}c1" xmlns:skos="urn:other:">
            <prefLabel r:datatype="urn:d">jug</prefLabel>
          </Concept>
        </r:RDF>
        """),
    "a language around": _file(f"""
        {_ROOT}>
          <skos:Concept rdf:about="{E}c1" xml:lang="en">
            <skos:prefLabel>jug</skos:prefLabel>
          </skos:Concept>
        </rdf:RDF>
        """),
    "XML within": _file(f"""
        {_ROOT}>
          <skos:Concept rdf:about="{E}c3">
            <skos:note rdf:parseType="Literal"><skos:Concept rdf:about="{E}c1">
              <e:p>no</e:p>
            </skos:Concept></skos:note>
          </skos:Concept>
        </rdf:RDF>
        """),
}
