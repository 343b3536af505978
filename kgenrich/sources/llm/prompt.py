"""Prompts: files with a version, filled with material that is marked as material."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template

import msgspec
import regex
from msgspec import Struct

from kgenrich.errors import InputError
from kgenrich.languages import name as language_name
from kgenrich.model import TermKind, content_id
from kgenrich.text import clean

NAMES = ("system", "name", "description", "postedit", "repair")
"""The prompts whose versions are part of every fingerprint. Others are in it word for word, where
they are said."""

LONGEST_PROSE = 4000
"""Code points of a definition; longer ones are not asked about, for they must not be cut."""

_HEADER = regex.compile(r"version: (\S+)\n---\n")
_TAGS = str.maketrans({"<": "‹", ">": "›"})


class Prompt(Struct, frozen=True):
    """The text of a prompt file and its version: the one it states and a hash of its text, so that
    an edited file is never taken for what it was."""

    version: str
    text: str

    def fill(self, **values: str) -> str:
        """The text with its ``$placeholders`` filled in; what is filled in is not read again."""
        return Template(self.text).substitute(values)


class Message(Struct, frozen=True):
    """One message of a conversation: role (system, user, assistant) and text."""

    role: str
    content: str


class Material(Struct, frozen=True):
    """What is known of an entity, as given to a model: facts (a name of the field and its values),
    its ``definitions`` (a name of the field and the text), and the ``passages`` found for it, which
    may be quoted. What a glossary of the user's binds the answer to is no material: the name that
    is ``wanted`` (empty: any), and those that are ``unwanted``."""

    facts: tuple[tuple[str, tuple[str, ...]], ...]
    passages: tuple[str, ...] = ()
    draft: str = ""
    definitions: tuple[tuple[str, str], ...] = ()
    wanted: str = ""
    unwanted: tuple[str, ...] = ()


@cache
def load(name: str) -> Prompt:
    """A prompt by name. Raises `InputError` for a file that is none."""
    raw = files("kgenrich.sources.llm").joinpath(f"prompts/{name}.md").read_text("utf-8")
    found = _HEADER.match(raw)
    if found is None:
        raise InputError(f"The prompt {name} does not begin with its version.")
    text = raw[found.end() :].strip()
    return Prompt(f"{name}-{found[1]}-{content_id(text)[:8]}", text)


def versions() -> tuple[str, ...]:
    """The versions of all prompts, for fingerprints."""
    return tuple(load(name).version for name in NAMES)


def quotable(material: Material) -> tuple[str, ...]:
    """The passages as the model sees them."""
    return tuple(_inert(text, 600) for text in material.passages)


def conversation(
    kind: TermKind,
    language: str,
    material: Material,
    example: tuple[Material, str] | None = None,
) -> tuple[Message, ...]:
    """The messages that ask for a term: rules, the example with its answer, the question.

    The marks around the material hang on the material, so that nothing in it can guess them, and
    it holds no angle bracket that could close them.
    """
    mark = content_id(*_lines(material), language)[:8]
    system = "prose" if kind is TermKind.DEFINITION else "system"
    messages = [Message("system", load(system).fill(mark=mark))]
    if example is not None:
        shown, answer = example
        messages.append(Message("user", _question(kind, language, shown, mark)))
        messages.append(Message("assistant", answer))
    question = _question(kind, language, material, mark)
    messages.append(Message("user", "\n\n".join(filter(None, (question, _terms(material))))))
    return tuple(messages)


def repair(problem: str) -> Message:
    """The message that asks once more."""
    return Message("user", load("repair").fill(problem=problem))


def _question(kind: TermKind, language: str, material: Material, mark: str) -> str:
    name = "name" if kind.is_name else str(kind)
    facts = "\n".join(_lines(material))
    question = load(name).fill(
        language=language_name(language), code=language, mark=mark, facts=facts
    )
    return f"{question}\n\n{load('postedit').text}" if material.draft else question


def _terms(material: Material) -> str:
    """What a glossary binds the answer to; empty where nothing does."""
    unwanted = "; ".join(_inert(text, 300) for text in material.unwanted)
    told = [
        f"The name is: {_inert(material.wanted, 300)}" if material.wanted else "",
        f"It is never called: {unwanted}" if unwanted else "",
    ]
    terms = "\n".join(filter(None, told))
    return load("terms").fill(terms=terms) if terms else ""


def _lines(material: Material) -> list[str]:
    lines = [
        f"{_inert(name, 80)}: {'; '.join(_inert(value, 300) for value in values)}"
        for name, values in material.facts
        if values
    ]
    lines += [f"{_inert(name, 80)}: {_inert_prose(text)}" for name, text in material.definitions]
    lines += [f"evidence {n}: {text}" for n, text in enumerate(quotable(material), 1)]
    if material.draft:
        draft = (
            _inert_prose(material.draft) if material.definitions else _inert(material.draft, 300)
        )
        lines.append(f"machine translation: {draft}")
    return lines


def _inert(text: str, most: int) -> str:
    """One line, bounded, without angle brackets."""
    return clean(text)[:most].translate(_TAGS)


def _inert_prose(text: str) -> str:
    """Its lines, bounded, without angle brackets."""
    return "\n".join(map(clean, text[:LONGEST_PROSE].splitlines())).translate(_TAGS)


def example_answer(text: str) -> str:
    """What a good answer looks like."""
    answers = [{"text": text, "quote": ""}]
    return msgspec.json.encode({"known": True, "answers": answers}).decode()
