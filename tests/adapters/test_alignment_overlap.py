"""The probabilities of matches hold whether no entity has a partner or all have."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgenrich.adapters.alignment.align import AlignSettings, align
from kgenrich.adapters.alignment.dbp15k import PairedGraphs
from kgenrich.adapters.alignment.graph_arrays import Graph
from kgenrich.adapters.alignment.match_calibration import match_graphs
from kgenrich.adapters.alignment.overlap import probabilities_of, with_overlap
from kgenrich.adapters.alignment.pair_features import FEATURES, best_pairs
from kgenrich.adapters.encoder.name_encoder import NameEncoder
from kgenrich.cli.main import main

LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
NONE = np.zeros((0, 3), np.int64)
# Quantities and what research data are described with: nothing is in both.
_QUANTITIES = """
Beschleunigung Enthalpie Entropie Stoffmenge Volumen Wirkungsgrad Suszeptibilität
Beleuchtungsstärke Induktivität Schalldruckpegel Viskosität Machzahl Leistung Blindleistung
Gewicht Trägheitsmoment Raumwinkel Zeit Federkonstante Arbeit Frequenz Wellenlänge Ladung
Spannung Druck Magnetisierung Drehmoment Kapazität Dichte Temperatur Wärmeleitfähigkeit Impuls
Fläche
"""
QUANTITIES = _QUANTITIES.split()
_METADATA = """
enthalten_in Beschreibung Datenmenge Datensatzserie Packformat nutzt_Instrument Forschungsgruppe
ist_Variable_in_Zuweisung Aktivität Kompressionsformat Logo beginnt_mit hat_Zahlenwert
Rechteinhaber Betreuer verwendet_Konfiguration Menge_von_Einträgen Förderer räumliche_Auflösung
Produzent Datum_mit_Zeit hat_Output weitere_Person hat_Schrittweite Arbeitsschritt Akteur
Sponsor Dateigröße Projektleiter Vorname Werkzeug Medientyp Anrede
"""
METADATA = _METADATA.split()


@pytest.fixture(scope="module")
def encoder() -> NameEncoder:
    return NameEncoder.load()


def aligned(
    folder: Path, left: list[str], right: list[str], capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[dict[str, float], list[list[str]]]:
    """The report and the rows of SSSOM of two graphs with these names in German."""
    for side, names in (("a", left), ("b", right)):
        lines = [
            f'<http://{side}.example/{n}> {LABEL} "{name.replace("_", " ")}"@de .\n'
            for n, name in enumerate(names)
        ]
        (folder / f"{side}.nt").write_text("".join(lines), encoding="utf-8")
    out = folder / "out.sssom.tsv"
    files = (str(folder / "a.nt"), str(folder / "b.nt"), "-o", str(out))
    with pytest.raises(SystemExit) as stopped:
        main(["align", *files, "--json", *more])
    assert not stopped.value.code
    lines = out.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line[0] != "#"][1:]
    return json.loads(capsys.readouterr().out), rows


@pytest.mark.parametrize("more", [(), ("--names-only",)])
def test_vocabularies_with_nothing_in_common_have_no_equals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    report, rows = aligned(tmp_path, QUANTITIES, METADATA, capsys, *more)
    assert rows == [] and report["overlap"] < 0.05


@pytest.mark.parametrize("more", [(), ("--names-only",)])
def test_the_few_that_are_in_both_are_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    both = ["Organisation", "Software", "Genauigkeit", "Messunsicherheit", "Quelle", "Titel"]
    report, rows = aligned(tmp_path, QUANTITIES + both, METADATA + both, capsys, *more)
    right = [row for row in rows if row[1] == row[4]]
    assert len(right) >= 5 and len(rows) - len(right) <= 2
    assert all("close" in row[2] for row in rows if row not in right)
    assert 0.08 < report["overlap"] < 0.3


def test_a_graph_comes_back_as_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report, rows = aligned(tmp_path, QUANTITIES, QUANTITIES[::-1], capsys)
    assert len(rows) == len(QUANTITIES) and all(row[1] == row[4] for row in rows)
    assert report["overlap"] > 0.9 and all(float(row[-1]) > 0.9 for row in rows)


def test_other_words_of_one_language_speak_against_a_pair(encoder: NameEncoder) -> None:
    names = ["Enthalpie", "standard uncertainty"], ["enthalten in", "has standard uncertainty"]

    def strange(*languages: str) -> list[float]:
        sides = [
            Graph(list("ab"), names, NONE, language=language)
            for names, language in zip(names, languages, strict=True)
        ]
        found = align(*sides, encoder, settings=AlignSettings(names_only=True))
        _, _, features = best_pairs(found)
        return [float(value) for value in features[:, FEATURES.index("strange")]]

    enthalpy, uncertainty = strange("de", "de")
    assert enthalpy == 1 and 0 < uncertainty < 0.5
    assert strange("de", "en") == strange("", "") == [0, 0]


@given(st.integers(0, 10), st.integers(0, 2**32 - 1))
def test_the_share_of_right_pairs_is_found_from_their_evidence(tenths: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    right = np.arange(1000) < 100 * tenths
    # Log-likelihood ratio of N(3, 1) to N(0, 1).
    evidence = 3 * (rng.standard_normal(1000) + 3 * right) - 4.5
    found = probabilities_of(evidence)
    assert found.mean() == pytest.approx(tenths / 10, abs=0.08)
    assert ((found >= 0.5) == right).mean() > 0.85


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.6, 1.0])
def test_a_cut_keeps_the_share_of_pairs_that_is_asked(share: float) -> None:
    names = [str(n) for n in range(300)]
    triples = np.stack([np.arange(299), np.zeros(299, int), np.arange(1, 300)], axis=1)
    pairs = np.stack([np.arange(300)] * 2, axis=1)
    whole = Graph(names, names, triples, language="de")
    cut = with_overlap(PairedGraphs(whole, whole, pairs[:100], pairs[100:]), share, 0, 100)
    assert len(cut.left) == len(cut.right) == 100 and len(cut.test) == round(100 * share)
    assert {(cut.left.ids[a], cut.right.ids[b]) for a, b in cut.test} == {
        (one, one) for one in {*cut.left.ids} & {*cut.right.ids}
    }
    for head, _, tail in cut.left.triples:
        assert int(cut.left.ids[tail]) == int(cut.left.ids[head]) + 1
    assert cut.left.language == "de" and not len(cut.seeds)


@pytest.mark.slow
@pytest.mark.parametrize("known", [False, True])
def test_probabilities_hold_at_any_overlap(
    known: bool, encoder: NameEncoder, shared_data: Path
) -> None:
    from kgenrich.adapters.alignment.dbp15k import read_folder
    from kgenrich.evaluate.overlap import evaluate_overlap

    graphs = read_folder(shared_data / "dbp15k" / "ja_en")
    before = -1.0
    for share in (0.0, 0.1, 0.5, 1.0):
        found = evaluate_overlap(graphs, encoder, share, AlignSettings(), known, draws=1)
        assert found.calibration_error < 8, share
        assert before < found.estimated <= share + 0.05
        before = found.estimated
        if not share:
            assert found.matches < 3 and found.recall is None
        else:
            assert found.precision is not None and found.precision > 75


def test_seeds_do_not_make_the_rest_alike(encoder: NameEncoder) -> None:
    names = [f"{name} {n}" for n, name in enumerate(QUANTITIES)]
    left = Graph(names + QUANTITIES, names + QUANTITIES, NONE, language="de")
    right = Graph(names + METADATA, names + METADATA, NONE, language="de")
    seeds = np.stack([np.arange(len(names))] * 2, axis=1)
    found = match_graphs(left, right, encoder, seeds)
    assert len(found.pairs) == len(seeds) and all(known for *_, known in found.pairs)
    assert found.overlap == pytest.approx(0.5, abs=0.05)
