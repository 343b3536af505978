"""Completion of a multilingual graph: adapters against the frozen encoder."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="adapters need the extra neural")

from kgenrich.adapters.completion.adapter_training import CompletionLearner
from kgenrich.adapters.completion.dbp5l import read_language
from kgenrich.adapters.encoder.name_encoder import NameEncoder
from kgenrich.adapters.encoders import load_adapted
from kgenrich.adapters.knowledge.recipe import BottleneckSettings
from kgenrich.adapters.training.recipe import Plan, RunFolder
from kgenrich.cli.main import main
from kgenrich.errors import InputError
from kgenrich.evaluate.completion import evaluate
from kgenrich.progress import Progress

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """People of two languages; what they are called says where they are from."""
    rng = random.Random(0)
    (tmp_path / "entity").mkdir()
    (tmp_path / "kg").mkdir()
    (tmp_path / "relations.txt").write_text("http://x/country\nhttp://x/profession\n")
    for language, endings in (("xx", {"ov": "Russia", "sen": "Denmark"}), ("yy", {"ez": "Spain"})):
        names = [*endings.values(), "painter", "singer", "doctor", "sailor", "baker"]
        triples = []
        for number in range(60):
            ending = rng.choice(list(endings))
            stem = "".join(rng.choice(["mar", "kol", "ped", "hal", "lin"]) for _ in range(3))
            names.append(f"{stem}{number}{ending}")
            triples.append((len(names) - 1, 0, names.index(endings[ending])))
        rng.shuffle(triples)
        lines = [f"http://x/{name}" for name in names]
        (tmp_path / "entity" / f"{language}.tsv").write_text("\n".join(lines) + "\n")
        parts = {"train": triples[:40], "val": triples[40:50], "test": triples[50:]}
        for part, rows in parts.items():
            text = "".join(f"{h}\t{r}\t{t}\n" for h, r, t in rows)
            (tmp_path / "kg" / f"{language}-{part}.tsv").write_text(text)
    return tmp_path


def test_adapters_complete_what_the_frozen_encoder_does_not(folder: Path) -> None:
    plan = Plan(steps=60, check=20, patience=3, checkpoint=0)
    model = BottleneckSettings(inner=32, batch=64, rate=5e-3)
    results = evaluate(folder, NameEncoder.load(), model, plan)
    assert list(results) == ["xx", "yy"]
    assert all(one.base.queries == one.adapters.queries == 20 for one in results.values())
    assert results["xx"].adapters.mrr > results["xx"].base.mrr + 0.1


def test_adapters_are_kept_and_used_again(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "kept"

    def evaluated(*more: str) -> tuple[dict[str, object], str]:
        options = ["--steps", "16", "--inner", "8", "-o", str(output), "--json", *more]
        with pytest.raises(SystemExit) as stopped:
            main(["evaluate", "completion", str(folder), *options])
        assert not stopped.value.code
        said = capsys.readouterr()
        return json.loads(said.out)["languages"], " ".join(said.err.split())

    first, told = evaluated()
    assert "written to" in told
    weights = (output / "adapter.safetensors").read_bytes()
    assert evaluated()[0] == first and "are those of" in evaluated()[1]
    with pytest.raises(InputError, match="do not fit"):
        load_adapted(output / "adapter.safetensors")
    assert "written to" in evaluated("--force")[1]
    assert (output / "adapter.safetensors").read_bytes() == weights
    other, told = evaluated("--seed", "1")
    assert "written to" in told and other != first
    left = {path.name for path in output.iterdir()}
    assert left == {"adapter.safetensors", "run.json", "report.json", "loss.svg"}


def test_an_interrupted_run_ends_where_an_unbroken_one_does(folder: Path, tmp_path: Path) -> None:
    plan = Plan(steps=12, check=4, patience=3, checkpoint=4)
    model, encoder = BottleneckSettings(inner=8, batch=64, rate=5e-3), NameEncoder.load()
    whole, broken = (RunFolder(tmp_path / name, model, "") for name in ("whole", "broken"))
    results = evaluate(folder, encoder, model, plan, run=whole)

    class Steps(Progress):
        def __init__(self, stop: int) -> None:
            self.steps: list[int] = []
            self.stop = stop

        def update(self, done: int | None = None, note: str = "") -> None:
            self.steps.append(done or 0)
            if done == self.stop:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(folder, encoder, model, plan, Steps(7), broken)
    again = Steps(-1)
    assert evaluate(folder, encoder, model, plan, again, broken) == results
    assert again.steps[0] == 5
    made = [(run.folder / "adapter.safetensors").read_bytes() for run in (whole, broken)]
    assert made[0] == made[1]


def test_triples_are_learnt_without_their_own_edges(folder: Path) -> None:
    graph = read_language(folder, "xx", 9)
    learner = CompletionLearner([graph], 2, NameEncoder.load(), BottleneckSettings(inner=4), 0)
    (facts,) = learner.facts
    for part, features in enumerate(facts.without):
        own = facts.parts == part
        lonely = graph.train[own][:, 0]
        name, hop = features[lonely, :128], features[lonely, 128:256]
        assert (name.norm(dim=1) > 0).all() and not hop.any(), "a person has that one edge"
    assert (facts.whole[graph.train[:, 0], 128:256].norm(dim=1) > 0).all()
    assert not facts.whole[graph.test[:, 0], 128:256].any(), "test edges are never there"


def test_untrained_adapters_leave_the_frozen_encoder_as_it_is(folder: Path) -> None:
    graph = read_language(folder, "yy", 9)
    learner = CompletionLearner([graph], 2, NameEncoder.load(), BottleneckSettings(inner=4), 0)
    (facts,) = learner.facts
    frozen = learner.ranks(facts, graph.test, adapted=False)
    assert learner.ranks(facts, graph.test).tolist() == frozen.tolist()


def test_a_folder_without_graphs_is_told(tmp_path: Path) -> None:
    (tmp_path / "relations.txt").write_text("http://x/country\n")
    with pytest.raises(InputError, match=r"test\.tsv"):
        evaluate(tmp_path, NameEncoder.load(), BottleneckSettings(), Plan(steps=1))
