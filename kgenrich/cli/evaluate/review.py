"""``kgenrich evaluate review``: what people's decisions say."""

from __future__ import annotations

from typing import Any

import click

from kgenrich.cli import options
from kgenrich.cli.context import App, pass_app
from kgenrich.cli.tables import print_table


@click.command()
@click.option("--plot", type=click.Path(dir_okay=False), help="Draw right by probability, as SVG.")
@options.as_json()
@pass_app
def command(app: App, /, **given: Any) -> None:
    """What people's decisions say of each source, slice and reviewer.

    Right is a proposal that was accepted as it stood, of all that were decided by people; what
    rules decided, and what was taken back, is left out. Agreement is Krippendorff's alpha of the
    terms of which several people said something: 1 is full agreement, 0 that of chance. Minutes are
    those between one decision and the next, but for pauses of more than five.
    """
    from kgenrich.verbs.evaluate_review import EvaluateReviewOptions, evaluate_review

    _print(app, app.run(evaluate_review, EvaluateReviewOptions(**given)))


def _print(app: App, report: dict[str, Any]) -> None:
    cuts = [f">= {cut['over']:g}" for cut in report["all"]["cuts"]]
    for title, by_name in (
        ("all", {"all": report["all"]}),
        ("source", report["sources"]),
        ("slice", report["slices"]),
        ("reviewer", report["reviewers"]),
    ):
        print_table(
            app.console,
            [title, "decided", "ECE", *cuts],
            [
                [name, str(of["decided"]), f"{of['ece']:.3f}", *map(_cut, of["cuts"])]
                for name, of in by_name.items()
            ],
            title="Right of what was decided, from a probability on (95 % bounds)"
            if title == "all"
            else "",
        )
    print_table(
        app.console,
        ["reviewer", "decided", "accepted", "edited", "rejected", "as others", "known", "min/100"],
        [_person(one) for one in report["people"]],
    )
    agreement = report["agreement"]
    told = "none yet" if agreement["alpha"] is None else f"{agreement['alpha']:.2f}"
    click.echo(f"Agreement on {agreement['units']} terms (Krippendorff's alpha): {told}")
    for code, alpha in agreement["languages"].items():
        if alpha is not None:
            click.echo(f"  {code} {alpha:.2f}")


def _cut(cut: dict[str, Any]) -> str:
    if not cut["decided"]:
        return ""
    return f"{cut['precision']:.0%} of {cut['decided']} ({cut['low']:.0%}-{cut['high']:.0%})"


def _person(one: dict[str, Any]) -> list[str]:
    minutes = "" if one["minutes"] is None else f"{one['minutes']:.1f}"
    shared = f"{one['agreed']} of {one['shared']}" if one["shared"] else ""
    known = f"{one['known_right']} of {one['known']}" if one["known"] else ""
    counts = [str(one[name]) for name in ("decisions", "accepted", "edited", "rejected")]
    return [one["name"], *counts, shared, known, minutes]
