"""The training loop, the name encoder's training, recipes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np
import pytest

from kgenrich.adapters.alignment.recipe import CalibrationRecipe, SeedRecipe
from kgenrich.adapters.encoder.name_tables import (
    NameTable,
    Row,
    build_table,
    names_by_entity,
    read_terms,
    retrieval_sets,
)
from kgenrich.adapters.encoder.ngrams import NgramSpec
from kgenrich.adapters.encoder.recipe import NameEncoderSettings, NamesRecipe
from kgenrich.adapters.knowledge.recipe import BottleneckSettings, KnowledgeRecipe
from kgenrich.adapters.recipes import Outcome, Recipe, carry_out, read_recipe
from kgenrich.adapters.training.ranking import ranking_of_ranks, ranking_of_scores
from kgenrich.adapters.training.recipe import Plan
from kgenrich.errors import InputError, UsageError
from kgenrich.model import Entity, TermKind
from kgenrich.progress import Progress
from kgenrich.resources import resource

torch = pytest.importorskip("torch", reason="training needs the extra neural")

from kgenrich.adapters.encoder.name_training import NameLearner  # noqa: E402
from kgenrich.adapters.training.loop import Point, plot, train  # noqa: E402
from kgenrich.adapters.training.optimisation import info_nce  # noqa: E402

pytestmark = pytest.mark.slow

CYRILLIC = dict(zip("abdegiklmnoprstuvz", "абдегиклмнопрстувз", strict=True))


def rows(count: int = 400) -> list[Row]:
    """Invented names and their Cyrillic forms."""
    rng = np.random.default_rng(0)
    syllables = [c + v for c in "bdgklmnprstvz" for v in "aeiou"]
    found: list[Row] = []
    for number in range(count):
        name = "".join(rng.choice(syllables, 3)) + " " + "".join(rng.choice(syllables, 2))
        other = "".join(CYRILLIC.get(c, c) for c in name)
        found.append((f"Q{number}", "en", TermKind.LABEL, name))
        found.append((f"Q{number}", "ru", TermKind.ALIAS, other))
    return found


MODEL = NameEncoderSettings(
    ngrams=NgramSpec(buckets=4096),
    dimension=16,
    hidden=16,
    batch=64,
    fewest=50,
    test=20,
    development=20,
)
PLAN = Plan(steps=60, checkpoint=20, check=30)


@pytest.fixture(scope="module")
def table() -> NameTable:
    return build_table(rows())


class Steps(Progress):
    """Remembers the steps of training, and stops with an error at one of them."""

    def __init__(self, stop: int = -1, error: type[BaseException] = KeyboardInterrupt) -> None:
        self.steps: list[int] = []
        self.stop, self.error = stop, error

    def update(self, done: int | None = None, note: str = "") -> None:
        assert done is not None and note.startswith("loss ")
        self.steps.append(done)
        if len(self.steps) == self.stop:
            raise self.error


def weights(learner: NameLearner) -> Mapping[str, np.ndarray]:
    return {name: tensor.numpy().copy() for name, tensor in learner.state().items()}


def test_training_teaches_held_out_names(table: NameTable, tmp_path: Path) -> None:
    learner, report = train(lambda: NameLearner(table, MODEL, 0), PLAN, tmp_path)
    before = NameLearner(table, MODEL, 0).score()
    assert report.score == learner.score() > before + 10
    assert report.steps == 60 and report.cpu_seconds > 0 and report.log[-1].score == report.score
    assert msgspec.json.decode((tmp_path / "report.json").read_bytes())["steps"] == 60
    assert sorted(p.name for p in tmp_path.iterdir()) == ["loss.svg", "report.json"]


def test_a_resumed_run_ends_where_an_unbroken_one_does(table: NameTable, tmp_path: Path) -> None:
    whole, _ = train(lambda: NameLearner(table, MODEL, 0), PLAN, tmp_path / "whole")

    class Stop(Exception):
        pass

    with pytest.raises(Stop):
        train(lambda: NameLearner(table, MODEL, 0), PLAN, tmp_path / "broken", Steps(45, Stop))
    told = Steps()
    resumed, report = train(lambda: NameLearner(table, MODEL, 0), PLAN, tmp_path / "broken", told)
    assert told.steps[0] == 41 and report.steps == 60
    for name, value in weights(whole).items():
        assert np.array_equal(value, weights(resumed)[name]), name


def test_another_plan_starts_anew(table: NameTable, tmp_path: Path) -> None:
    (tmp_path / "progress.json").write_bytes(
        msgspec.json.encode(
            {
                "step": 20,
                "best": 1.0,
                "best_step": 1,
                "seconds": [0, 0],
                "log": [],
                "plan": msgspec.structs.replace(PLAN, seed=9),
            }
        )
    )
    told = Steps()
    train(lambda: NameLearner(table, MODEL, 0), PLAN, tmp_path, told)
    assert told.steps[0] == 1


class Worsening:
    """A model whose score falls after the first look."""

    def __init__(self) -> None:
        self.value = torch.zeros(1)

    def step(self, number: int, rate: float) -> float:
        self.value = torch.tensor([float(number + 1)])
        return 1.0

    def score(self) -> float:
        return -abs(float(self.value) - 10)

    def state(self) -> Mapping[str, torch.Tensor]:
        return {"value": self.value}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        self.value = state["value"]


def test_training_ends_early_with_the_best_state(tmp_path: Path) -> None:
    plan = Plan(steps=1000, check=10, patience=3, checkpoint=0)
    learner, report = train(Worsening, plan, tmp_path)
    assert report.steps == 40 and report.best_step == 10
    assert isinstance(learner, Worsening) and float(learner.value) == 10


def test_training_never_ends_below_its_start(tmp_path: Path) -> None:
    class Spoiling(Worsening):
        def score(self) -> float:
            return -float(self.value)

    learner, report = train(Spoiling, Plan(steps=30, check=10, patience=9), tmp_path)
    assert report.best_step == 0 and isinstance(learner, Worsening) and float(learner.value) == 0


def test_a_score_no_better_than_the_untrained_one_does_not_undo_the_training(
    tmp_path: Path,
) -> None:
    class Level(Worsening):
        def score(self) -> float:
            return 0.0

    learner, report = train(Level, Plan(steps=30, check=10, patience=9), tmp_path)
    assert report.best_step == 10 and isinstance(learner, Level) and float(learner.value) == 10


def test_where_nothing_is_held_out_training_goes_on_to_its_end(tmp_path: Path) -> None:
    few = build_table(rows(60))
    plan = Plan(steps=12, check=4, patience=1, checkpoint=0)
    model = msgspec.structs.replace(MODEL, fewest=10)
    learner, report = train(lambda: NameLearner(few, model, 0), plan, tmp_path)
    assert learner.score() is None and report.score is None and report.steps == 12
    untrained = weights(NameLearner(few, model, 0))["table"]
    assert not np.array_equal(weights(learner)["table"], untrained)


def test_info_nce_is_the_cross_entropy_of_the_diagonal() -> None:
    left = torch.nn.functional.normalize(torch.randn(6, 4), dim=1)
    right = torch.nn.functional.normalize(torch.randn(6, 4), dim=1)
    scores = (left @ right.T / 0.5).numpy()
    log = [np.log(np.exp(s[i]) / np.exp(s).sum()) for s in (scores, scores.T) for i in range(0)]
    for matrix in (scores, scores.T):
        log += [np.log(np.exp(matrix[i, i]) / np.exp(matrix[i]).sum()) for i in range(6)]
    assert float(info_nce(left, right, 0.5)) == pytest.approx(-np.mean(log), abs=1e-5)
    everything = torch.ones(6, 6, dtype=torch.bool)
    assert float(info_nce(left, right, 0.5, everything)) == pytest.approx(0, abs=1e-6)


def test_the_loss_plot_is_an_svg() -> None:
    root = ET.fromstring(plot([Point(1, 2.0), Point(50, 1.0), Point(100, 0.5)]))
    line = root.find("{http://www.w3.org/2000/svg}polyline")
    assert line is not None and len(line.attrib["points"].split()) == 3
    assert ET.fromstring(plot([])) is not None


def test_entities_are_held_out_whole(table: NameTable) -> None:
    held, kept = (
        names_by_entity(table, "en", folds).entity for folds in (range(20), range(20, 100))
    )
    assert not set(held.tolist()) & set(kept.tolist())
    assert len(held) + len(kept) == 400
    again = build_table(reversed(rows()))
    assert {again.entities[i] for i in names_by_entity(again, "en", range(20)).entity} == {
        table.entities[i] for i in held
    }


def test_queries_and_candidates_are_of_the_same_entity(table: NameTable) -> None:
    sets = retrieval_sets(table, range(20), pool=60)
    queries, candidates = sets["ru"]
    assert list(sets) == ["ru"] and len(set(candidates.tolist())) == len(candidates)
    names = {text: entity for entity, _, _, text in rows()}
    for query, candidate in zip(queries, candidates, strict=False):
        assert names[table.texts[query]] == names[table.texts[candidate]]


def test_ties_have_the_mean_rank() -> None:
    scores = np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 1.0], [5.0, 4.0, 3.0]])
    found = ranking_of_scores(scores)
    assert found.hits1 == pytest.approx(100 / 3, abs=0.01)
    assert found.authors_hits1 == pytest.approx(200 / 3, abs=0.01)
    assert found.mrr == pytest.approx((1 / 1.5 + 1 + 1 / 3) / 3, abs=1e-4)
    assert ranking_of_ranks(np.zeros(0)).queries == 0


def test_terms_are_read_and_broken_ones_told(tmp_path: Path) -> None:
    path = tmp_path / "terms.tsv"
    path.write_text("qid\tlang\tkind\ttext\nQ1\tit\tlabel\tuniverso\textra\n", encoding="utf-8")
    assert list(read_terms(path)) == [("Q1", "it", TermKind.LABEL, "universo")]
    path.write_text("header\nQ1\tit\n", encoding="utf-8")
    with pytest.raises(InputError, match="Line 2"):
        list(read_terms(path))
    with pytest.raises(InputError, match="no names"):
        build_table([])


@pytest.mark.parametrize("path", sorted(resource("adapters").rglob("*.toml")), ids=lambda p: p.name)
def test_every_shipped_recipe_is_valid(path: Path) -> None:
    assert read_recipe(path).name
    other = read_recipe(path, seed=7, steps=9)
    assert isinstance(other, CalibrationRecipe) or (other.train.seed, other.train.steps) == (7, 9)


def test_a_wrong_recipe_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read_recipe(tmp_path / "none.toml")
    for text in ("kind = 'names'\nsurprise = 1", "kind = ", "kind = 'other'"):
        (tmp_path / "r.toml").write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="cannot be read"):
            read_recipe(tmp_path / "r.toml")


SHORT = Plan(steps=4, checkpoint=2, check=2, patience=3)
CALIBRATION = CalibrationRecipe(
    name="c",
    folders=("pair",),
    terms="terms.tsv",
    language="en",
    overlaps=(0.2, 0.8),
    sizes=(100,),
)
RECIPES: dict[str, tuple[Recipe, Recipe, str]] = {
    "names": (
        NamesRecipe(name="n", terms="terms.tsv", train=SHORT, model=MODEL),
        NamesRecipe(
            name="n", terms="terms.tsv", train=SHORT, model=msgspec.structs.replace(MODEL, hidden=8)
        ),
        "model.safetensors",
    ),
    "seeds": (
        SeedRecipe(name="s", folder="pair", train=SHORT),
        SeedRecipe(name="s", folder="pair", train=msgspec.structs.replace(SHORT, seed=1)),
        "adapter.safetensors",
    ),
    "set": (
        KnowledgeRecipe(name="k", parts=("EP",), train=SHORT, model=BottleneckSettings(inner=4)),
        KnowledgeRecipe(name="k", parts=("EP",), train=SHORT, model=BottleneckSettings(inner=8)),
        "adapter.safetensors",
    ),
    "calibration": (
        CALIBRATION,
        msgspec.structs.replace(CALIBRATION, overlaps=(0.5,)),
        "calibration.json",
    ),
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The same invented names as a file of terms and as two graphs."""
    found, folder = rows(), tmp_path / "data"
    (folder / "pair").mkdir(parents=True)
    lines = ["qid\tlang\tkind\ttext", *("\t".join(map(str, row)) for row in found)]
    lines += [f"{row[0]}\ten\talias\t{row[3][::-1]}" for row in found[::2]]
    (folder / "terms.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for side in (0, 1):
        uris = [f"{side}{n}\thttp://x/{row[3]}\n" for n, row in enumerate(found[side::2])]
        (folder / "pair" / f"ent_ids_{side + 1}").write_text("".join(uris), encoding="utf-8")
        (folder / "pair" / f"triples_{side + 1}").write_text("")
    for name, numbers in (("sup_pairs", range(300)), ("ref_pairs", range(300, 400))):
        (folder / "pair" / name).write_text("".join(f"0{n}\t1{n}\n" for n in numbers))
    return folder


@pytest.mark.parametrize("kind", RECIPES)
def test_what_is_finished_is_not_done_again(kind: str, data: Path, tmp_path: Path) -> None:
    recipe, other, weights = RECIPES[kind]
    entities = [Entity(row[0], labels={row[1]: row[3]}) for row in rows()]
    out, steps = tmp_path / "out", list[int]()

    def again(wanted: Recipe, *, force: bool = False, stop: int = 99) -> Outcome:
        told = Steps(stop)
        try:
            return carry_out(wanted, data, out, lambda: entities, told, force=force)
        finally:
            steps[:] = told.steps

    first, whole = again(recipe), len(steps)
    assert first.trained and (whole or kind == "calibration")
    figures = msgspec.json.decode(msgspec.json.encode(first.figures))
    assert again(recipe) == Outcome(figures, False) and not steps
    assert again(recipe, force=True).trained
    assert again(other).trained and again(recipe).trained and not again(recipe).trained
    (out / weights).write_bytes(b"broken")
    assert again(recipe).trained and not again(recipe).trained
    if kind == "set":
        entities.pop()
    else:
        for path in (data / "terms.tsv", data / "pair" / "ent_ids_1"):
            path.write_text(path.read_text(encoding="utf-8").replace("\n", "s\n"))
    assert again(recipe).trained and not again(recipe).trained
    if kind != "calibration":
        with pytest.raises(KeyboardInterrupt):
            again(recipe, force=True, stop=3)
        assert again(recipe).trained and len(steps) == whole - 2, "gone on from the checkpoint"
        with pytest.raises(KeyboardInterrupt):
            again(recipe, force=True, stop=3)
        assert again(other).trained and len(steps) == whole, "begun anew"
