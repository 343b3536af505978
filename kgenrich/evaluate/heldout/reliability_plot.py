"""Reliability as a picture: what was said to be so probable, and how often it was right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from kgenrich.evaluate.reliability import Bin

Lines = Mapping[str, Sequence[Bin]]
"""Reliability tables by name, drawn as one line each."""

COLOURS = ("#06c", "#c50", "#383", "#939")
_SIDE, _LEFT, _TOP, _GAP = 150, 46, 40, 34
_FONT = 'font-family="sans-serif" font-size="11" fill="#333"'
_DOT = 9.0
"""The radius of a tenth that holds all proposals of its line; areas are in proportion."""


def reliability_plot(rows: Sequence[Sequence[tuple[str, Lines]]]) -> str:
    """An SVG picture: rows of panels, each with a title and its lines.

    A panel has the mean probability from left to right and the share that was right from bottom
    to top, both from 0 to 1; on the diagonal probabilities are what they say. Each dot is a tenth
    of probability, as large as it has proposals.
    """
    width = _LEFT + max(map(len, rows), default=0) * (_SIDE + _GAP)
    height = _TOP + len(rows) * (_SIDE + _GAP)
    names = dict.fromkeys(name for row in rows for _, lines in row for name in lines)
    colours = {name: COLOURS[at % len(COLOURS)] for at, name in enumerate(names)}
    legend = "".join(
        f'<tspan fill="{colour}" dx="12">{escape(name)}</tspan>' for name, colour in colours.items()
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="4" y="14" {_FONT}>right by probability:{legend}</text>',
    ]
    for down, row in enumerate(rows):
        for across, (title, lines) in enumerate(row):
            x, y = _LEFT + across * (_SIDE + _GAP), _TOP + down * (_SIDE + _GAP)
            parts.append(f'<g transform="translate({x},{y})">{_panel(title, lines, colours)}</g>')
    return "\n".join([*parts, "</svg>", ""])


def _panel(title: str, lines: Lines, colours: Mapping[str, str]) -> str:
    parts = [
        f'<text x="0" y="-5" {_FONT}>{escape(title)}</text>',
        f'<path d="M0 0V{_SIDE}H{_SIDE}" fill="none" stroke="#888"/>',
        f'<path d="M0 {_SIDE}L{_SIDE} 0" stroke="#ccc"/>',
    ]
    for mark in (0, 0.5, 1):
        at = _SIDE - mark * _SIDE
        parts.append(f'<text x="-6" y="{at + 4:g}" text-anchor="end" {_FONT}>{mark:g}</text>')
        if mark:
            parts.append(f'<text x="{_SIDE - at:g}" y="{_SIDE + 13}" {_FONT}>{mark:g}</text>')
    for name, table in lines.items():
        total = sum(row.count for row in table)
        dots = [
            (row.expected * _SIDE, _SIDE - row.right * _SIDE, _DOT * (row.count / total) ** 0.5)
            for row in table
        ]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in dots)
        colour = colours[name]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}"/>')
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{max(r, 1):.1f}" fill="{colour}"'
            ' fill-opacity="0.6"/>'
            for x, y, r in dots
        ]
    return "".join(parts)
