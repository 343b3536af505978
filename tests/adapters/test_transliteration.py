"""Words in another script: pairs, the network in torch and in numpy, beam search, the weights."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kgenrich.adapters.recipes import carry_out
from kgenrich.adapters.training.recipe import Plan
from kgenrich.adapters.transliteration import transliterator as room
from kgenrich.adapters.transliteration.alphabet import LONGEST, Alphabet, symbols_of, written
from kgenrich.adapters.transliteration.beam_search import Writer
from kgenrich.adapters.transliteration.known_words import hashes, preferring, words_of_names
from kgenrich.adapters.transliteration.name_words import word_pairs
from kgenrich.adapters.transliteration.recipe import (
    NetworkSettings,
    Stage,
    TransliterationRecipe,
)
from kgenrich.adapters.transliteration.transliterator import Transliterator
from kgenrich.adapters.transliteration.word_network import WordNetwork
from kgenrich.adapters.transliteration.word_pairs import (
    conversion,
    fold,
    held_out,
    read_pairs,
    turned,
)
from kgenrich.errors import InputError, UsageError
from kgenrich.model import TermKind

CYRILLIC = dict(zip("abdegiklmnoprstuvz", "абдегиклмнопрстувз", strict=True))
GREEK = dict(zip("abdegiklmnoprstuvz", "αβδεγικλμνοπρστυωζ", strict=True))
WORDS = ["".join(parts) for parts in product("bdgklm", "aeiou", "nprstvz", "aeiou")]
MODEL = NetworkSettings(
    embedding=16, first=24, hidden=32, batch=64, rate=2e-2, dropout=0.0, average=0.9, trim=0.0
)
PLAN = Plan(steps=120, checkpoint=40)


def spelled(word: str, letters: dict[str, str]) -> str:
    return "".join(letters[letter] for letter in word)


def write_pairs(folder: Path) -> None:
    for name, letters in (("ru", CYRILLIC), ("el", GREEK)):
        lines = (f"{word}\t{' '.join(spelled(word, letters))}\t2" for word in WORDS)
        (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


RECIPE = TransliterationRecipe(
    name="x", words={"ru": "ru.tsv", "el": "el.tsv"}, train=PLAN, model=MODEL
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch", reason="training needs the extra neural")
    folder = tmp_path_factory.mktemp("transliteration")
    write_pairs(folder)
    carry_out(RECIPE, folder, folder / "out", lambda: ())
    return folder / "out"


def random_weights(seed: int = 0) -> tuple[dict[str, np.ndarray], Alphabet]:
    """A small network that knows nothing, without torch."""
    rng = np.random.default_rng(seed)
    alphabet = Alphabet(
        ("", *"abcdefgh"), ("", *"абвгд"), {"ru": (0, 1, 2, 3, 4, 5), "bg": (0, 1, 2)}
    )
    shapes = {
        "letters.weight": (9, 6), "symbols.weight": (6, 6), "languages.weight": (2, 6),
        "memory.weight": (8, 16), "memory.bias": (8,), "start.weight": (8, 16), "start.bias": (8,),
        "input.weight": (32, 6), "input.bias": (32,), "recurrent.weight": (32, 8),
        "context.weight": (24, 8), "context.bias": (24,), "output.weight": (6, 8),
        "output.bias": (6,),
    }  # fmt: skip
    for name, size, inner in (("first", 5, 6), ("second", 8, 10)):
        for way in ("", "_reverse"):
            shapes[f"{name}.weight_ih_l0{way}"] = (3 * size, inner)
            shapes[f"{name}.weight_hh_l0{way}"] = (3 * size, size)
            shapes[f"{name}.bias_ih_l0{way}"] = shapes[f"{name}.bias_hh_l0{way}"] = (3 * size,)
    weights = {name: rng.normal(0, 0.7, shape).astype(np.float32) for name, shape in shapes.items()}
    weights["output.bias"][0] = 1.0  # Words end.
    return weights, alphabet


class TestWords:
    def test_hangul_is_written_by_parts_and_put_together_again(self) -> None:
        assert len(symbols_of("한")) == 3 and written(symbols_of("한국 é")) == "한국 é"

    def test_a_letter_never_read_is_read_without_its_marks(self) -> None:
        alphabet = Alphabet(("", "a", "e"), ("",), {})
        assert alphabet.read("Áé★", alphabet.reader()) == [1, 2, 0]

    def test_pairs_are_read_with_or_without_counts(self, tmp_path: Path) -> None:
        path = tmp_path / "pairs.tsv"
        path.write_text("Green\tг р и н\t5\nmary\tм э р и\n", encoding="utf-8")
        assert list(read_pairs(path)) == [("green", "грин", 5), ("mary", "мэри", 1)]

    @pytest.mark.parametrize("line", ["word", "word\t", "\tа", "word\tа\tmany"])
    def test_what_is_no_pair_is_told_by_its_line(self, line: str, tmp_path: Path) -> None:
        path = tmp_path / "pairs.tsv"
        path.write_text(f"green\tг р и н\t5\n{line}\n", encoding="utf-8")
        with pytest.raises(InputError, match="Line 2"):
            list(read_pairs(path))

    def test_a_word_is_held_out_in_all_languages(self) -> None:
        pairs = {"ru": [(word, word) for word in WORDS], "el": [(word, "x") for word in WORDS]}
        kept, out = (held_out(pairs, 20, development=is_out) for is_out in (False, True))
        assert 0.1 < len(out["ru"]) / len(WORDS) < 0.3
        assert not {word for word, _ in out["ru"]} & {word for word, _ in kept["el"]}
        assert fold("Müller") == fold("MÜLLER")

    def test_turned_around_a_word_keeps_its_usual_spellings(self) -> None:
        pairs = {"ru": [("clark", "кларк", 50), ("clarke", "кларк", 15), ("klark", "кларк", 1)]}
        assert turned(pairs) == [("кларк", "clark"), ("кларк", "clarke")]

    def test_names_of_one_thing_give_pairs_of_words_that_sound_alike(self) -> None:
        label, none = TermKind.LABEL, TermKind.DESCRIPTION
        rows = [
            ("Q1", "en", label, "John Keats"),
            ("Q1", "ru", label, "Джон Китс"),
            ("Q1", "ru", none, "Джон Китс поэт"),
            ("Q2", "en", label, "River Keats (1921)"),
            ("Q2", "ru", label, "Река Китс"),
            ("Q3", "en", label, "Keats"),
            ("Q3", "ru", label, "Keats"),
        ]
        found = word_pairs(rows, "en", {"ru": r"\p{Cyrillic}+"})
        assert found == {"ru": [("john", "джон"), ("keats", "китс")]}
        with pytest.raises(InputError, match="no regular expression"):
            word_pairs(rows, "en", {"ru": "("})


class TestNetwork:
    @pytest.mark.slow
    def test_numpy_does_what_torch_does(self) -> None:
        torch = pytest.importorskip("torch")
        from kgenrich.adapters.transliteration.network import Network

        torch.manual_seed(0)
        network = Network(30, 20, 3, NetworkSettings()).eval()
        same = WordNetwork({name: of.numpy() for name, of in network.state_dict().items()})
        letters = np.random.default_rng(0).integers(0, 30, (5, 7))
        with torch.no_grad():
            memory, state = network.read(torch.from_numpy(letters))
            inputs = network.input(network.symbols.weight + network.languages.weight[2])[:5]
            following = network.next(inputs, state, memory)
            logits = network.output(following)
        read, start = same.read(letters)
        given = same.inputs(2, np.arange(20))[:5]
        next_state = same.next(given, start, read)
        weight, bias = same.output(np.arange(20))
        for one, two in (
            (memory, read), (state, start), (inputs, given), (following, next_state),
            (logits, next_state @ weight + bias),
        ):  # fmt: skip
            assert np.abs(one.numpy() - two).max() < 1e-4

    def test_a_wide_beam_finds_what_a_search_of_everything_finds(self) -> None:
        weights, alphabet = random_weights()
        network = WordNetwork(weights)
        memory, state = network.read(np.array([[1, 2, 3], [4, 5, 6]]))
        writer = Writer(network, 1, np.array(alphabet.languages["bg"]))
        found = writer.write(memory, state, width=60)
        for word in range(2):
            expected = {
                way: logarithm(network, memory[word], state[word], way)
                for length in range(4)
                for way in product((1, 2), repeat=length)
            }
            best = max(expected, key=lambda way: expected[way])
            assert tuple(found[word][0][0]) == best
            for way, score in found[word]:
                if len(way) < 4:
                    assert score == pytest.approx(expected[tuple(way)], abs=1e-4)
            scores = [score for _, score in found[word]]
            assert scores == sorted(scores, reverse=True)

    def test_a_word_is_written_alike_alone_and_among_others(self) -> None:
        transliterator = Transliterator(*random_weights(), ("en",))
        words = ["abc", "gh", "fed", "abc", "hhhh"]
        together = transliterator.transliterate(words, "ru")
        for word, ways in zip(words, together, strict=True):
            (alone,) = transliterator.transliterate([word], "ru")
            assert [text for text, _ in alone] == [text for text, _ in ways]
            assert np.allclose([p for _, p in alone], [p for _, p in ways], atol=1e-5)


def logarithm(
    network: WordNetwork, memory: np.ndarray, state: np.ndarray, way: tuple[int, ...]
) -> float:
    """Of the probability of one way to write a word, symbol by symbol."""
    inputs, (weight, bias) = network.inputs(1, np.arange(3)), network.output(np.arange(3))
    total, before, now = 0.0, 0, state[None]
    for symbol in (*way, 0):
        now = network.next(inputs[[before]], now, memory[None])
        logits = (now @ weight + bias)[0]
        total += float(logits[symbol] - np.log(np.exp(logits).sum()))
        before = symbol
    return total


@pytest.mark.slow
class TestTraining:
    def test_words_never_seen_are_written(self, trained: Path) -> None:
        made = Transliterator.load(trained / "model.safetensors")
        unseen = [word for word in WORDS if fold(word) < MODEL.development]
        for language, letters in (("ru", CYRILLIC), ("el", GREEK)):
            answers = made.transliterate(unseen, language, n=1)
            right = [
                ways[0][0] == spelled(word, letters)
                for word, ways in zip(unseen, answers, strict=True)
            ]
            assert len(unseen) > 10 and sum(right) > 0.8 * len(right)

    def test_the_same_recipe_gives_the_same_bytes(self, trained: Path, tmp_path: Path) -> None:
        carry_out(RECIPE, trained.parent, tmp_path, lambda: ())
        name = "model.safetensors"
        assert (tmp_path / name).read_bytes() == (trained / name).read_bytes()

    def test_a_run_that_was_stopped_ends_the_same(self, trained: Path, tmp_path: Path) -> None:
        from kgenrich.progress import Progress

        class Stop(Progress):
            def update(self, done: int | None = None, note: str = "") -> None:
                if done == 70:
                    raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            carry_out(RECIPE, trained.parent, tmp_path, lambda: (), Stop())
        carry_out(RECIPE, trained.parent, tmp_path, lambda: ())
        name = "model.safetensors"
        assert (tmp_path / name).read_bytes() == (trained / name).read_bytes()

    def test_languages_of_their_own_begin_with_the_shared_weights(
        self, trained: Path, tmp_path: Path
    ) -> None:
        recipe = replace(
            RECIPE,
            stages=(Stage(steps=10, rate=5e-3, dropout=0.0),),
            own={"ru": (Stage(steps=10, rate=5e-3), Stage(steps=10, rate=1e-3))},
            known={"ru": r"\p{Cyrillic}+"},
        )
        outcome = carry_out(recipe, trained.parent, tmp_path, lambda: ())
        assert outcome.figures["steps"] == 120 + 30
        shared, own = (
            Transliterator.load(tmp_path / f"{name}.safetensors") for name in ("model", "ru")
        )
        assert list(shared.alphabet.languages) == ["ru", "el"]
        assert list(own.alphabet.languages) == ["ru"] and own.writing("el") is None
        words = [word for word in WORDS if fold(word) < MODEL.development]
        for made in (shared, own):
            answers = made.transliterate(words, "ru", n=1)
            right = [of[0][0] == spelled(w, CYRILLIC) for w, of in zip(words, answers, strict=True)]
            assert sum(right) > 0.8 * len(right)
        assert not carry_out(recipe, trained.parent, tmp_path, lambda: ()).trained

    def test_turned_around_it_reads_what_it_wrote(self, trained: Path, tmp_path: Path) -> None:
        recipe = replace(RECIPE, turned=True)
        carry_out(recipe, trained.parent, tmp_path, lambda: ())
        made = Transliterator.load(tmp_path / "model.safetensors")
        assert made.reading("ru") and made.reading("el") and not made.reading("en")
        words = WORDS[::7]
        answers = made.transliterate([spelled(word, GREEK) for word in words], "en", n=1)
        right = sum(ways[0][0] == word for word, ways in zip(words, answers, strict=True))
        assert right > 0.6 * len(words)

    def test_a_language_without_pairs_is_no_language_to_train(self, tmp_path: Path) -> None:
        write_pairs(tmp_path)
        (tmp_path / "el.tsv").write_text("", encoding="utf-8")
        with pytest.raises(InputError, match="Greek"):
            carry_out(RECIPE, tmp_path, tmp_path / "out", lambda: ())


class TestWeights:
    def test_eight_bits_change_little(self, tmp_path: Path) -> None:
        weights, alphabet = random_weights()
        whole = Transliterator(weights, alphabet, ("en",))
        whole.save(tmp_path / "w.safetensors")
        small = Transliterator.load(tmp_path / "w.safetensors")
        one, two = (of.transliterate(["abc", "deaf"], "ru") for of in (whole, small))
        for before, after in zip(one, two, strict=True):
            assert before[0][0] == after[0][0]
            assert before[0][1] == pytest.approx(after[0][1], abs=0.05)
        small.save(tmp_path / "again.safetensors")
        same = Transliterator.load(tmp_path / "again.safetensors").transliterate(["abc"], "ru")
        assert same == two[:1]

    @pytest.mark.parametrize("part", ["letters.weight", "output.weight", "recurrent.weight"])
    def test_weights_that_do_not_fit_are_refused(self, part: str, tmp_path: Path) -> None:
        weights, alphabet = random_weights()
        path = tmp_path / "w.safetensors"
        Transliterator(weights, alphabet, ("en",)).save(path)
        broken = {**weights, part: weights[part][:-1]}
        object.__setattr__(made := Transliterator(weights, alphabet, ("en",)), "weights", broken)
        made.save(path)
        with pytest.raises(InputError):
            Transliterator.load(path)
        path.write_bytes(b"no weights")
        with pytest.raises(InputError):
            Transliterator.load(path)


@pytest.fixture
def untaught() -> Transliterator:
    return Transliterator(*random_weights(), ("en",))


class TestKnownWords:
    def test_a_known_word_is_preferred_where_it_is_not_much_less_likely(self) -> None:
        found = [[("жан", 0.5), ("ян", 0.3)], [("жан", 0.9), ("ян", 0.05)], []]
        one, two, none = preferring(hashes(["ян"]), found)
        assert [text for text, _ in one] == ["ян", "жан"]
        assert [text for text, _ in two] == ["жан", "ян"] and none == []

    @given(st.lists(st.floats(0.001, 1), min_size=1, max_size=8), st.sets(st.integers(0, 7)))
    def test_probabilities_stay_some(self, chances: list[float], known: set[int]) -> None:
        total = max(1.0, sum(chances))
        ways = [(f"w{place}", chance / total) for place, chance in enumerate(chances)]
        (after,) = preferring(hashes(f"w{place}" for place in known), [ways])
        assert {text for text, _ in after} == {text for text, _ in ways}
        assert sum(chance for _, chance in after) <= 1 + 1e-9
        if not known & set(range(len(ways))):
            assert dict(after) == dict(ways)

    def test_they_are_kept_with_the_weights(self, tmp_path: Path) -> None:
        made = Transliterator(*random_weights(), ("en",))
        first, second = (text for text, _ in made.transliterate(["fed"], "ru", n=2)[0])
        knowing = made.knowing({"ru": hashes([second])})
        knowing.save(tmp_path / "w.safetensors")
        again = Transliterator.load(tmp_path / "w.safetensors")
        before, after = (dict(of.transliterate(["fed"], "ru")[0]) for of in (made, again))
        assert after[second] / after[first] == pytest.approx(
            3 * before[second] / before[first], rel=0.1
        )

    def test_they_are_those_of_names(self) -> None:
        rows = [
            ("Q1", "ru", TermKind.LABEL, "Джон Китс (поэт)"),
            ("Q1", "ru", TermKind.DESCRIPTION, "писатель"),
            ("Q1", "uk", TermKind.LABEL, "Джон Кітс"),
        ]
        found = words_of_names(rows, {"ru": r"\p{Cyrillic}+"})
        assert found == {"ru": {"джон", "китс", "поэт"}}
        with pytest.raises(InputError, match="no regular expression"):
            words_of_names(rows, {"ru": "("})


class TestAnswers:
    def test_a_language_without_training_data_says_so(self, untaught: Transliterator) -> None:
        with pytest.raises(UsageError, match="no weights to write words in Georgian"):
            untaught.transliterate(["abc"], "ka")
        for source, target in (("en", "ka"), ("uk", "en"), ("ru", "he"), ("en", "fr")):
            with pytest.raises(UsageError, match="was not trained"):
                room.transliterate(["abc"], source, target)

    @pytest.mark.parametrize(
        "word", ["", " ", "a b", "a1", "''", "ж", "a" * (LONGEST + 1), "\0", "a\ud800"]
    )
    def test_what_is_no_word_of_its_script_has_no_answer(
        self, word: str, untaught: Transliterator
    ) -> None:
        assert untaught.transliterate([word, "abc"], "ru")[0] == []

    def test_chinese_is_written_in_the_script_of_its_place(self) -> None:
        taiwan, china = room.transliterator("en", "zh-tw"), room.transliterator("en", "zh-cn")
        assert taiwan.writing("zh-tw") == "zh-hant" and china.writing("zh-cn") == "zh-hans"
        words = ["Darwin", "Muller", "Abel"]
        for by, code, convert in (
            (taiwan, "zh-tw", conversion("s2t")), (china, "zh-cn", conversion("t2s")),
        ):  # fmt: skip
            for ways in by.transliterate(words, code, n=4):
                assert ways and all(convert(text) == text for text, _ in ways)

    def test_the_way_back_is_there_too(self) -> None:
        for word, code in (("Мартин", "ru"), ("マルティン", "ja"), ("מרטין", "he")):
            (ways,) = room.transliterate([word], code, "en", n=3)
            assert "Martin" in [text for text, _ in ways]

    def test_answers_are_few_short_and_in_their_language(self, untaught: Transliterator) -> None:
        (ways,) = untaught.transliterate(["a" * LONGEST], "bg", n=3)
        assert len(ways) <= 3
        for text, chance in ways:
            assert len(text) <= LONGEST and set(text) <= set("аб") and 0 < chance <= 1

    def test_a_capital_stays_one(self, untaught: Transliterator) -> None:
        small, capital = untaught.transliterate(["abc", "Abc"], "ru")
        assert [(text[:1].upper() + text[1:], chance) for text, chance in small] == capital
