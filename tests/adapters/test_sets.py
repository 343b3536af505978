"""The adapter set EP, TP, ES, TS, its fusion, and adapters to known pairs."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from kgenrich.adapters.encoder.name_encoder import NameEncoder
from kgenrich.adapters.knowledge.training_text import (
    FUSION,
    PARTS,
    Knowledge,
    code_switched,
    sentences_about,
    text_pairs,
)
from kgenrich.corpus import Page
from kgenrich.errors import InputError
from kgenrich.harvest.document import Reader
from kgenrich.harvest.dump import read_dump
from kgenrich.inputs import Input
from kgenrich.model import Entity, Value
from kgenrich.resources import resource
from kgenrich.settings import DEFAULT_PROPERTIES

torch = pytest.importorskip("torch", reason="adapters need the extra neural")

from kgenrich.adapters.encoders import load_adapted  # noqa: E402
from kgenrich.adapters.knowledge.adapter_modules import AdapterLayer  # noqa: E402
from kgenrich.adapters.knowledge.adapter_training import (  # noqa: E402
    AdapterLearner,
    SplitPairs,
    open_gates,
    score_part,
    settle_gates,
)
from kgenrich.adapters.knowledge.backbone import (  # noqa: E402
    Backbone,
    NameBackbone,
    TransformerBackbone,
)
from kgenrich.adapters.knowledge.recipe import BottleneckSettings, KnowledgeRecipe  # noqa: E402
from kgenrich.adapters.recipes import carry_out, read_recipe  # noqa: E402
from kgenrich.adapters.training.loop import train  # noqa: E402
from kgenrich.adapters.training.recipe import Plan  # noqa: E402
from kgenrich.progress import Progress  # noqa: E402

pytestmark = pytest.mark.slow


def entities() -> list[Entity]:
    """Invented people born in real cities, with descriptions that name the city."""
    cities = {"Rome": "Рим", "Paris": "Париж", "Berlin": "Берлин", "Madrid": "Мадрид"}
    found = [
        Entity(f"C{i}", labels={"en": en, "ru": ru}, descriptions={"en": f"{en} is a capital"})
        for i, (en, ru) in enumerate(cities.items())
    ]
    rng = random.Random(0)
    for number in range(160):
        name = "".join(rng.choice(["ka", "mi", "to", "re", "nu"]) for _ in range(4)).title()
        at = rng.randrange(4)
        found.append(
            Entity(
                f"P{number}",
                labels={"en": name, "it": name + "o"},
                descriptions={"en": f"{name}, painter from {list(cities)[at]}"},
                claims={"P19": (Value("entity", f"C{at}"),)},
            )
        )
    return [*found, Entity("P19x", labels={"en": "born in"})]


KNOWN = Knowledge(entities(), {"P19": "place of birth", "P31": "instance of"})
MODEL = BottleneckSettings(inner=16, batch=32, development=0.2)
PLAN = Plan(steps=40, check=10, patience=4, checkpoint=0)


def test_pairs_are_made_from_what_the_graph_says() -> None:
    pairs = {part: text_pairs(part, KNOWN) for part in PARTS}
    assert ("C0", "Рим", "rim") in pairs["EP"]
    tails = {right for _, left, right in pairs["TP"] if "place of birth" in left}
    assert tails == {"Rome", "Рим", "Paris", "Париж", "Berlin", "Берлин", "Madrid", "Мадрид"}
    assert all("painter from" in right or "capital" in right for _, _, right in pairs["ES"])
    assert all("place of birth" in left for _, left, _ in pairs["TS"])
    assert any("Рим" in right for _, _, right in pairs["TS"]), "names are switched"
    assert pairs == {part: text_pairs(part, KNOWN) for part in PARTS}
    assert text_pairs("TP", Knowledge(entities(), {})) == []


def test_classes_and_texts_are_things_too() -> None:
    native = {"P1705": (Value("text", "Roma", "it"),)}
    rome = Entity("Q220", labels={"en": "Rome"}, classes=("Q515",), claims=native)
    graph = [rome, Entity("Q515", labels={"en": "city"})]
    pairs = text_pairs("TP", Knowledge(graph, {"P31": "instance of", "P1705": "native label"}))
    assert sorted(pairs) == [
        ("Q220", "Rome instance of", "city"),
        ("Q220", "Rome native label", "Roma"),
    ]


def test_local_text_is_more_to_learn_from() -> None:
    city = Entity("C0", labels={"en": "Rome", "it": "Roma"}, sitelinks={"itwiki": "Roma (città)"})
    of = Entity("Q1", labels={"en": "Ada"}, claims={"P19": (Value("entity", "C0"),)})
    text = [
        Page("Roma (città)", "it", "Roma è la capitale d'Italia.\nÈ grande."),
        Page("Ada", "en", "Ada was born in Rome in 1815. She never left again.", "Q1"),
        Page("Bob", "en", "Bob is somebody else altogether.", "Q2"),
    ]
    sentences = sentences_about(text, [city, of])
    assert sentences == {
        "C0": ["Roma è la capitale d'Italia."],
        "Q1": ["Ada was born in Rome in 1815.", "She never left again."],
    }
    knowledge = Knowledge([city, of], {"P19": "place of birth"}, sentences)
    about_ada = {right for id, _, right in text_pairs("ES", knowledge) if id == "Q1"}
    assert about_ada == set(sentences["Q1"])
    ((id, left, right),) = text_pairs("TS", knowledge)
    assert id == "Q1" and left.startswith("Ada place of birth Rom")
    assert right == "Ada was born in Roma in 1815.", "names are switched in local text too"


def test_code_switching_leaves_what_it_cannot_name() -> None:
    one = Entity("Q1", labels={"en": "Rome"})
    assert code_switched("Rome is old", one, random.Random(0)) == "Rome is old"


def test_entities_are_held_out_whole() -> None:
    pairs = text_pairs("EP", KNOWN)
    split = SplitPairs.of(pairs, 0.2)
    assert not {pair[0] for pair in split.train} & {pair[0] for pair in split.development}
    assert split.are_enough and not SplitPairs.of(pairs[:1], 0.2).are_enough


def test_an_untrained_adapter_changes_nothing() -> None:
    layer, x = AdapterLayer(8, 4, ("EP", "TP")), torch.randn(3, 8)
    for active in ("", "EP", FUSION):
        layer.active = active
        assert torch.equal(layer(x), x)


def test_the_gate_opens_for_one_part_and_weighs_all() -> None:
    layer, x = AdapterLayer(8, 4, ("EP", "TP")), torch.randn(3, 8)
    for adapter in layer.adapters.values():
        torch.nn.init.normal_(adapter.up.weight)
    changes = {part: layer.adapters[part](x) for part in layer.parts}
    layer.active = FUSION
    assert torch.allclose(layer(x), x + (changes["EP"] + changes["TP"]) / 3, atol=1e-5)
    layer.open_gate("TP", 30.0)
    assert torch.allclose(layer(x), x + changes["TP"], atol=1e-4)
    layer.open_gate("", 30.0)
    assert torch.allclose(layer(x), x, atol=1e-4)


@pytest.fixture(scope="module")
def shipped() -> NameBackbone:
    return NameBackbone(NameEncoder.load())


@pytest.fixture(scope="module")
def transformer(tmp_path_factory: pytest.TempPathFactory) -> TransformerBackbone:
    """A small random BERT, saved and loaded as any other model."""
    transformers = pytest.importorskip("transformers", reason="needs the extra neural")
    folder = tmp_path_factory.mktemp("bert")
    letters = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz"]
    words = letters + [f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz"]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    transformers.BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    transformers.BertModel(config).save_pretrained(folder)
    return TransformerBackbone.load(str(folder))


@pytest.mark.parametrize("name", ["shipped", "transformer"])
def test_adapters_learn_and_the_base_stays_frozen(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    backbone: Backbone = request.getfixturevalue(name)
    before = torch.from_numpy(backbone.encode(["Rome"]))
    backbone.adapt(("EP", "TP"), 16, 0)
    assert len(backbone.adapters) == backbone.depth
    pairs = SplitPairs.of(text_pairs("TP", KNOWN), 0.2)
    learner = AdapterLearner(backbone, "TP", pairs, MODEL, 0)
    first = learner.step(0, 1.0)
    for number in range(1, 30):
        last = learner.step(number, 1.0)
    assert last < first
    moved = {n for n, p in backbone.adapters.named_parameters() if p.grad is not None}
    assert moved and all(".adapters.TP." in name for name in moved)
    backbone.activate("TP")
    assert not torch.allclose(backbone.forward(["Rome"]), before, atol=1e-3)
    backbone.activate("")
    assert torch.allclose(backbone.forward(["Rome"]), before, atol=1e-5)


def test_the_fusion_is_at_least_its_best_part_and_survives_a_round_trip(
    shipped: NameBackbone, tmp_path: Path
) -> None:
    parts = ("EP", "TP")
    shipped.adapt(parts, 16, 0)
    together = SplitPairs([], [])
    for part in parts:
        pairs = SplitPairs.of(text_pairs(part, KNOWN), 0.2)
        together = SplitPairs(
            [*together.train, *pairs.train], [*together.development, *pairs.development]
        )
        learner = AdapterLearner(shipped, part, pairs, MODEL, 0)
        train(lambda: learner, PLAN, tmp_path / part)  # noqa: B023
    held = together.development
    scores = open_gates(shipped, held)
    gates = AdapterLearner(shipped, FUSION, together, MODEL, 0)
    weights = dict(shipped.adapters.named_parameters())
    before = {n: p.clone() for n, p in weights.items() if ".adapters." in n}
    train(lambda: gates, PLAN, tmp_path / FUSION)
    assert all(torch.equal(weights[name], weight) for name, weight in before.items())
    assert settle_gates(shipped, scores, held) >= max(scores.values())
    better = scores | {"TP": 101.0}
    tp = score_part(shipped, "TP", held)
    assert settle_gates(shipped, better, held) == pytest.approx(tp)
    shipped.save_adapters(tmp_path / "a.safetensors", "names")
    loaded = load_adapted(tmp_path / "a.safetensors")
    shipped.activate(FUSION)
    want = shipped.encode(["Rome", "Рим"])
    assert np.allclose(loaded.encode(["Rome", "Рим"]), want, atol=1e-6)
    assert loaded.encode([]).shape == (0, loaded.dimension)


def test_only_the_gates_train_in_a_fusion(shipped: NameBackbone) -> None:
    shipped.adapt(("EP",), 4, 0)
    shapes = {tuple(p.shape) for p in shipped.parameters(FUSION)}
    assert shapes == {(2, shipped.dimension), (2,)}
    assert len(shipped.parameters("EP")) == 4


def test_a_recipe_trains_the_whole_set(tmp_path: Path) -> None:
    recipe = KnowledgeRecipe(name="x", parts=("EP", "TS"), train=PLAN, model=MODEL)
    steps: dict[str, list[int]] = {}

    class Told(Progress):
        def begin(self, step: str, total: int | None = None, unit: str = "") -> None:
            assert (total, unit) == (PLAN.steps, "steps")
            steps[step] = []

        def update(self, done: int | None = None, note: str = "") -> None:
            assert done is not None
            steps[list(steps)[-1]].append(done)

    figures, _ = carry_out(recipe, tmp_path, tmp_path / "out", entities, Told())
    assert list(steps) == ["EP", "TS", FUSION]
    assert all(done == list(range(1, len(done) + 1)) for done in steps.values())
    own = figures["development"]
    assert own[FUSION] >= max(own["EP"], own["TS"], own["base"])
    assert figures["EP"]["cpu_seconds"] > 0
    assert load_adapted(tmp_path / "out" / "adapter.safetensors").encode(["a"]).shape == (1, 128)


def test_a_kind_without_text_is_left_out_and_says_so(tmp_path: Path) -> None:
    bare = [Entity(f"Q{i}", labels={"en": f"name {i}", "ru": f"имя {i}"}) for i in range(100)]
    recipe = KnowledgeRecipe(name="x", train=PLAN, model=MODEL)
    figures, _ = carry_out(recipe, tmp_path, tmp_path / "out", lambda: bare)
    assert list(figures["left_out"]) == ["TP", "ES", "TS"]
    assert "properties" in figures["left_out"]["TP"]
    assert set(figures["development"]) == {"base", "EP", FUSION}
    assert load_adapted(tmp_path / "out" / "adapter.safetensors").encode(["a"]).shape == (1, 128)
    nameless = [Entity(f"Q{i}", labels={"en": "a"}) for i in range(100)]
    with pytest.raises(InputError, match="Harvest more languages and properties"):
        carry_out(recipe, tmp_path, tmp_path / "none", lambda: nameless)


def test_the_demo_items_teach_all_four_kinds() -> None:
    demo = resource("config/demo")
    recipe = read_recipe(resource("adapters/knowledge/demo.toml"))
    assert isinstance(recipe, KnowledgeRecipe)
    with Input(str(demo / "items.json.gz")) as file:
        batches = list(read_dump(file, Reader(properties=DEFAULT_PROPERTIES)))
    items = [entity for batch in batches for entity in batch.entities]
    knowledge = recipe.knowledge(demo, items)
    assert len(knowledge.sentences) > 100
    for part in PARTS:
        pairs = SplitPairs.of(text_pairs(part, knowledge), recipe.model.development)
        assert pairs.are_enough, part


def test_what_is_no_adapter_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.safetensors").write_bytes(b"bad")
    with pytest.raises(InputError, match="no file of adapters"):
        load_adapted(tmp_path / "bad.safetensors")
    with pytest.raises(InputError, match="cannot be loaded"):
        TransformerBackbone.load(str(tmp_path / "none"))
