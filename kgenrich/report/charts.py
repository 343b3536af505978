"""Plots as SVG, byte for byte alike whenever they are drawn: coverage, sources, reliability.

Drawn by pygal; what it adds of scripts, comments and the day is taken out. Colours and letters are
those of the page (its variables ``--ink``, ``--rule``, ``--has`` and so on), in light and dark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from kgenrich.report.facts import CoverageFacts, Reliability, SourceFacts

WIDTH = 340
"""Units across a plot: pixels on a small phone."""

_NAMESPACE = "http://www.w3.org/2000/svg"
_ROW, _AXIS = 26, 34
_LARGEST = 14
"""At most so many bars: the table beside a plot has all."""
_LETTERS = 13
_LINES = 4
"""Colours that the page has for lines."""
_DOT = 9.0
"""The radius of a tenth that holds all predictions of its line; areas are in proportion."""
_LIVELY = ("tooltip", "text-overlay", "overlay")
"""Parts of a picture that only a script would show."""

Bars = Mapping[str, Sequence[float]]
"""The lengths of the parts of each bar, by the name of the part."""


def plural(kind: str) -> str:
    """Several terms of a kind.

    >>> plural("label"), plural("alias")
    ('labels', 'aliases')
    """
    return kind + ("es" if kind.endswith("s") else "s")


def coverage_plot(rows: Sequence[CoverageFacts], kind: str) -> str:
    """What each language has of a kind of term, as shares of the entities."""
    shown = rows[:_LARGEST]
    parts = {
        "has": [row.explicit for row in shown],
        "inherits": [row.inherited for row in shown],
        "accepted": [row.accepted for row in shown],
        "proposed": [row.proposed for row in shown],
    }
    whole = [max(1, row.entities) for row in shown]
    shares = {
        name: [n / all_ for n, all_ in zip(values, whole, strict=True)]
        for name, values in parts.items()
    }
    told = "; ".join(f"{row.language_name} {row.share:.1%}" for row in shown)
    names = [row.language for row in shown]
    return _bars(
        f"coverage-{kind}", f"Coverage of {plural(kind)} by language", told, names, shares, ".0%", 1
    )


def sources_plot(rows: Sequence[SourceFacts]) -> str:
    """What became of the proposals that each source supports."""
    shown = sorted(rows, key=lambda row: (-row.proposals, row.name))[:_LARGEST]
    parts = {
        "accepted": [row.accepted for row in shown],
        "rejected": [row.rejected for row in shown],
        "proposed": [row.waiting for row in shown],
    }
    told = "; ".join(
        f"{row.name}: {row.accepted} accepted, {row.rejected} refused, {row.waiting} waiting"
        for row in shown
    )
    # A half of it is a mark too.
    most = max(2, *(row.proposals + row.proposals % 2 for row in shown)) if shown else 2
    names = [row.name for row in shown]
    return _bars("sources", "New proposals by source", told, names, parts, ",.0f", most)


def reliability_plot(id: str, rows: Sequence[Reliability]) -> str:
    """The share that was right over the probability, a line for each, with a dot for each tenth of
    probability as large as it has predictions; on the diagonal probabilities are what they say."""
    import pygal

    chart = pygal.XY(
        **_look([f"line{at % _LINES}" for at in range(len(rows))] + ["quiet"]),
        height=WIDTH,
        xrange=(0, 1),
        range=(0, 1),
        x_labels=[0, 0.5, 1],
        y_labels=[0, 0.5, 1],
        dots_size=4,
    )
    for row in rows:
        dots = [
            {
                "value": (one.expected, one.right),
                "node": {"r": round(max(_DOT * (one.count / max(1, row.terms)) ** 0.5, 2), 2)},
            }
            for one in row.bins
        ]
        chart.add(row.name, dots)
    dashes = {"width": 1, "dasharray": "3, 4"}
    chart.add("as said", [(0, 0), (1, 1)], show_dots=False, stroke_style=dashes)
    told = "; ".join(
        f"{row.name}, {row.terms} terms: "
        + ", ".join(f"said {one.expected:.0%}, right {one.right:.0%}" for one in row.bins)
        for row in rows
    )
    return _drawn(chart, id, "Right by probability", told)


def _bars(
    id: str, title: str, told: str, names: Sequence[str], parts: Bars, form: str, most: float
) -> str:
    """Lying bars of parts one after another, on an axis to ``most`` whose marks are in ``form``."""
    import pygal

    chart = pygal.HorizontalStackedBar(
        **_look(list(parts)),
        height=_AXIS + _ROW * max(1, len(names)),
        range=(0, most),
        y_labels=[{"value": mark, "label": format(mark, form)} for mark in (0, most / 2, most)],
        spacing=6,
        margin_right=20,
    )
    # The first bar is drawn at the bottom.
    chart.x_labels = list(reversed(names))
    for name, values in parts.items():
        chart.add(name, list(reversed(values)))
    return _drawn(chart, id, title, told)


def _look(colours: Sequence[str]) -> dict[str, Any]:
    from pygal.style import Style

    ink, rule = "var(--ink)", "var(--rule)"
    style = Style(
        background="transparent",
        plot_background="transparent",
        foreground=ink,
        foreground_strong=ink,
        foreground_subtle=ink,
        guide_stroke_color=rule,
        major_guide_stroke_color=rule,
        guide_stroke_dasharray="none",
        major_guide_stroke_dasharray="none",
        opacity="1",
        opacity_hover="1",
        transition="none",
        font_family="inherit",
        label_font_size=_LETTERS,
        major_label_font_size=_LETTERS,
        colors=tuple(f"var(--{name})" for name in colours) or (ink,),
    )
    return {
        "style": style,
        "js": (),
        "width": WIDTH,
        "margin": 4,
        "show_legend": False,
        "disable_xml_declaration": True,
    }


def _drawn(chart: Any, id: str, title: str, told: str) -> str:
    """The picture with its title and what it shows in words, for those who cannot see it."""
    # It is a random number otherwise.
    chart.uuid = id
    root = ElementTree.fromstring(chart.render(is_unicode=True))  # noqa: S314 (our own)
    for parent in list(root.iter()):
        for child in list(parent):
            tag = child.tag.rpartition("}")[2]
            if tag in ("script", "desc", "title") or child.get("class") in _LIVELY:
                parent.remove(child)
    for place, (name, text) in enumerate((("title", title), ("desc", told))):
        element = ElementTree.Element(f"{{{_NAMESPACE}}}{name}", {"id": f"{id}-{name}"})
        element.text = text
        root.insert(place, element)
    root.set("role", "img")
    root.set("aria-labelledby", f"{id}-title {id}-desc")
    ElementTree.register_namespace("", _NAMESPACE)
    return ElementTree.canonicalize(ElementTree.tostring(root, encoding="unicode"))
