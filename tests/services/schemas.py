"""What the specification of the reconciliation API demands of answers, as JSON schemas.

Each has the constraints that the schema of this name has in the specification (version 0.2, the
final report of April 2023, and 1.0-draft), and forbids what the text does not name.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
FULL: Schema = {"type": "string", "minLength": 1}
NUMBER: Schema = {"type": "number"}
TRUTH: Schema = {"type": "boolean"}
LANG: Schema = {"type": "string", "pattern": r"^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$"}
DIR: Schema = {"enum": ["ltr", "rtl", "auto"]}
SPOKEN: Schema = {"lang": LANG, "dir": DIR}
DATE: Schema = {
    "type": "string",
    "pattern": r"^(-?([1-9]\d*)?\d{4})-(1[0-2]|0[1-9])-(3[01]|0[1-9]|[12]\d)"
    r"T(2[0-3]|[01]\d):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-](2[0-3]|[01]\d):[0-5]\d)?$",
}


def each(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def made(required: str, optional: Schema | None = None, **properties: Schema) -> Schema:
    """An object of these properties alone."""
    return {
        "type": "object",
        "properties": {**properties, **(optional or {})},
        "required": required.split(),
        "additionalProperties": False,
    }


def service() -> Schema:
    return made(
        "service_url service_path",
        service_url=FULL,
        service_path=FULL,
        flyout_service_url=FULL,
        flyout_service_path={"type": "string", "pattern": r"\$\{id\}"},
    )


TYPE = made("id name", id=FULL, name=FULL)
DRAFT_TYPE = made("id name", SPOKEN, id=FULL, name=FULL)
VIEW = made("url", url={"type": "string", "pattern": r"\{\{id\}\}"})
DRAFT_VIEW = made("url", url={"type": "string", "pattern": r"\{.*id.*\}"})
SIZE: Schema = {"type": "integer", "minimum": 1}

MANIFEST = made(
    "versions name identifierSpace schemaSpace",
    versions=each(TEXT, contains={"const": "0.2"}),
    name=FULL,
    identifierSpace=FULL,
    schemaSpace=FULL,
    serviceVersion=TEXT,
    batchSize=SIZE,
    view=VIEW,
    defaultTypes=each(TYPE, uniqueItems=True),
    suggest=made("entity", entity=service(), property=service(), type=service()),
    preview=made(
        "url width height",
        url={"type": "string", "pattern": r"\{\{id\}\}"},
        width=SIZE,
        height=SIZE,
    ),
    extend=made(
        "propose_properties",
        propose_properties=service(),
        property_settings=each(
            made(
                "type label name",
                type={"const": "number"},
                default=NUMBER,
                label=TEXT,
                name=TEXT,
                help_text=TEXT,
            )
        ),
    ),
)
DRAFT_MANIFEST = made(
    "versions name view",
    versions=each(TEXT, contains={"const": "1.0-draft"}),
    name=FULL,
    lang=LANG,
    serviceVersion=TEXT,
    batchSize=SIZE,
    view=DRAFT_VIEW,
    defaultTypes=each(DRAFT_TYPE, uniqueItems=True),
    suggest=made("entity property type", entity=TRUTH, property=TRUTH, type=TRUTH),
    preview=made("width height", width=SIZE, height=SIZE),
    extend=made(
        "",
        proposeProperties=TRUTH,
        propertySettings=each(
            made(
                "type id name",
                SPOKEN,
                type={"const": "number"},
                default=NUMBER,
                id=TEXT,
                name=TEXT,
                helpText=TEXT,
            )
        ),
    ),
    standardizedScore=TRUTH,
)
SCORE: Schema = {"type": "number", "minimum": 0, "maximum": 100}
VALUE: Schema = {"type": ["boolean", "number"]}
CANDIDATE = made(
    "id name score",
    id=FULL,
    name=FULL,
    description=TEXT,
    score=SCORE,
    match=TRUTH,
    type=each(TYPE),
    features=each(made("id value", id=FULL, value=VALUE)),
)
RESULTS: Schema = {
    "type": "object",
    "additionalProperties": made("result", result=each(CANDIDATE)),
}
DRAFT_CANDIDATE = made(
    "id name type match",
    SPOKEN,
    id=FULL,
    name=FULL,
    description=TEXT,
    score=SCORE,
    match=TRUTH,
    type=each(DRAFT_TYPE),
    features=each(made("id name value", SPOKEN, id=FULL, name=FULL, value=VALUE)),
)
DRAFT_RESULTS = made("results", results=each(made("candidates", candidates=each(DRAFT_CANDIDATE))))
SUGGESTIONS = made(
    "result",
    result=each(made("id name", id=FULL, name=FULL, description=TEXT, notable=each(TYPE))),
)
DRAFT_SUGGESTIONS = made(
    "result",
    result=each(made("id name", SPOKEN, id=FULL, name=FULL, description=TEXT, notable=each(TYPE))),
)
FLYOUT = made("id html", id=TEXT, html=TEXT)
PROPOSAL = made("properties", properties=each(TYPE), type=TEXT, limit=NUMBER)
DRAFT_PROPOSAL = made("properties", properties=each(DRAFT_TYPE), type=TEXT, limit=NUMBER)


def _value(spoken: Schema) -> Schema:
    return {
        "oneOf": [
            made(""),
            made("id name", spoken, id=FULL, name=FULL, description=TEXT),
            made("str", spoken, str=TEXT),
            made("float", float=NUMBER),
            made("int", int={"type": "integer"}),
            made("date", date=DATE),
        ]
    }


EXTENSION = made(
    "rows meta",
    meta=each(TYPE),
    rows={
        "type": "object",
        "additionalProperties": {"type": "object", "additionalProperties": each(_value({}))},
    },
)
DRAFT_EXTENSION = made(
    "rows meta",
    meta=each(DRAFT_TYPE),
    rows=each(
        made(
            "id properties",
            id=TEXT,
            properties=each(made("id values", id=TEXT, values=each(_value(SPOKEN)))),
        )
    ),
)


def check(answer: Any, schema: Schema) -> Any:
    """The answer, if it is as the schema has it."""
    Draft202012Validator(schema).validate(answer)
    return answer
