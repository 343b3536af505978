"""The figures of held-out terms as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kgenrich.cli.context import App
from kgenrich.cli.tables import print_table
from kgenrich.evaluate.heldout.report import ALL

Cell = Mapping[str, Any]
Report = Mapping[str, Mapping[str, Cell]]
"""As `kgenrich.evaluate.heldout.report.report` makes it."""


def print_report(app: App, result: Report, minimum: float) -> None:
    """Figures by language, kind and way of hiding; thresholds; reliability over all languages."""
    figures, cuts = [], []
    wanted: list[float] = []
    for language, kind, hidden, cell in _cells(result):
        figures.append(
            [
                language,
                kind,
                hidden,
                str(cell["requested"]),
                str(cell["answered"]),
                f"{cell['precision']:.2f}" if cell["answered"] else "–",
                *(f"{cell[name]:.2f}" for name in ("recall", "f1")),
                f"{cell['ece']:.3f}",
            ]
        )
        wanted = [row["wanted"] for row in cell["thresholds"]]
        cuts.append([language, kind, hidden, *map(_threshold, cell["thresholds"])])
    names = ["language", "kind", "hidden"]
    print_table(
        app.console,
        [*names, "asked", "answered", "precision", "recall", "F1", "ECE"],
        figures,
        title=f"Held-out terms; answered = probability of {minimum} or more",
    )
    print_table(
        app.console,
        [*names, *(f"{share:.0%} right" for share in wanted)],
        cuts,
        title="The probability from which so many are right, chosen on one half of what was"
        " hidden; what it answers of the other half, and what is right of that",
    )
    for kind, cell in result[ALL].items():
        for hidden, of in (("items", cell), ("clusters", cell["clusters"])):
            print_table(
                app.console,
                ["probability", "proposals", "mean probability", "right"],
                [
                    [
                        f"{row['low']:.1f}-{row['low'] + 0.1:.1f}",
                        str(row["count"]),
                        f"{row['expected']:.2f}",
                        f"{row['right']:.2f}",
                    ]
                    for row in of["reliability"]
                ],
                title=f"Reliability of every {kind}, {hidden} hidden",
            )


def _cells(result: Report) -> Iterator[tuple[str, str, str, Cell]]:
    for language, by_kind in result.items():
        for kind, cell in by_kind.items():
            yield language, kind, "items", cell
            yield language, kind, "clusters", cell["clusters"]


def _threshold(row: Mapping[str, Any]) -> str:
    if row["probability"] is None:
        return "none"
    right = f"{row['right']:.0%}" if row["answered"] else "–"
    return f"{row['probability']:.2f} {row['share']:.0%} {right}"
