"""Training of the network of words: the symbols of each word in every language it is known in."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from kgenrich.adapters.training.loop import device
from kgenrich.adapters.training.optimisation import ModuleLearner, State
from kgenrich.adapters.training.recipe import Plan
from kgenrich.adapters.transliteration.alphabet import END, Alphabet, folded
from kgenrich.adapters.transliteration.network import Batch, Network
from kgenrich.adapters.transliteration.recipe import NetworkSettings
from kgenrich.adapters.transliteration.transliterator import Transliterator
from kgenrich.adapters.transliteration.word_batches import WordBatches
from kgenrich.adapters.transliteration.word_pairs import Pairs, held_out
from kgenrich.errors import InputError
from kgenrich.languages import name

_STEEPEST = 1.0
"""The length to which a gradient is cut."""

_SCORED = 500
"""Words of a language that the development part is scored by."""


class NetworkLearner(ModuleLearner):
    """The network in training on ``pairs`` by language, and the average of its weights; with
    ``start`` it begins with that one's weights and alphabet.

    Raises `InputError` where a language has nothing to learn from.
    """

    def __init__(
        self, pairs: Pairs, of: NetworkSettings, plan: Plan, start: Transliterator | None = None
    ) -> None:
        self.settings, self.seed = of, plan.seed
        self.device, self._trusting = device(), of.trust * plan.steps
        learned = held_out(pairs, of.development, development=False)
        self._development = held_out(pairs, of.development, development=True)
        if empty := [code for code, pairs in learned.items() if not pairs]:
            raise InputError(f"There are no pairs of words of {name(empty[0])} to learn from.")
        self.alphabet = alphabet = start.alphabet if start else Alphabet.of(learned, of.fewest)
        self.batches = WordBatches(learned, alphabet, of.batch)
        sizes = (len(alphabet.letters), len(alphabet.symbols), len(alphabet.languages))
        self.network = Network(*sizes, of).to(self.device)
        if start:
            weights = {name: torch.tensor(array) for name, array in start.weights.items()}
            self.network.load_state_dict(weights)
        super().__init__(self.network, of.rate)
        self._symbols = [
            torch.tensor(symbols, device=self.device) for symbols in alphabet.languages.values()
        ]
        places = torch.zeros(sizes[2], sizes[1], dtype=torch.long)
        for language, symbols in enumerate(alphabet.languages.values()):
            places[language, list(symbols)] = torch.arange(len(symbols))
        self._places = places.to(self.device)
        self.average = {name: of.clone() for name, of in self.network.state_dict().items()}

    def step(self, number: int, rate: float) -> float:
        torch.manual_seed(self.seed * 1_000_003 + number)
        self.network.train()
        batch = self.batches.at(number, self.seed)
        batch = batch.on(self.device)
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            states = self.network.write(batch)
            loss = self._loss(batch, states, trimmed=number >= self._trusting)
        value = self.descend(loss, rate)
        # The first weights are forgotten sooner.
        decay = min(self.settings.average, (1 + number) / (10 + number))
        with torch.no_grad():
            for name, weights in self.network.state_dict().items():
                self.average[name].lerp_(weights, 1 - decay)
        return value

    def descend(self, loss: Tensor, rate: float) -> float:
        self.optimizer.param_groups[0]["lr"] = self.rate * rate
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), _STEEPEST)
        self.optimizer.step()
        return loss.item()

    def _loss(self, batch: Batch, states: list[Tensor], *, trimmed: bool) -> Tensor:
        """The loss of a symbol, over the pairs that are learned from."""
        row, column = batch.places()
        length = (batch.symbols != END).sum(dim=1) + 1
        state, language = torch.cat(states), batch.language[row]
        target = self._places[language, batch.symbols[row, column]]
        total, counted = state.new_zeros((), dtype=torch.float32), 0
        for number, symbols in enumerate(self._symbols):
            mine = torch.nonzero((language == number) & (column < length[row])).squeeze(1)
            if not len(mine):
                continue
            weight, bias = self.network.output.weight[symbols], self.network.output.bias[symbols]
            logits = F.linear(self.network.dropout(state[mine]), weight, bias).float()
            losses = F.cross_entropy(
                logits, target[mine], reduction="none", label_smoothing=self.settings.smoothing
            )
            if trimmed and self.settings.trim:
                kept = self._likely(losses.detach(), row[mine], len(batch.word))
                losses = losses[kept]
            total = total + losses.sum()
            counted += len(losses)
        return total / max(counted, 1)

    def _likely(self, losses: Tensor, pair: Tensor, pairs: int) -> Tensor:
        """Which symbols are of pairs that are not among the least likely ones."""
        sums = torch.zeros(pairs, device=self.device).index_add_(0, pair, losses)
        counts = torch.zeros(pairs, device=self.device).index_add_(0, pair, torch.ones_like(losses))
        mean = sums / counts.clamp(min=1)
        bound = torch.quantile(mean[counts > 0], 1 - self.settings.trim)
        return mean[pair] <= bound

    def score(self) -> float | None:
        """The mean over the languages of the share of development words written as they should be;
        None where there are none.
        """
        shares = self.shares()
        return sum(shares.values()) / len(shares) if shares else None

    def shares(self) -> dict[str, float]:
        """By language the share of (at most 500) development words written as one of those that
        they are paired with.
        """
        made, shares = self.transliterator(), {}
        for language, pairs in self._development.items():
            wanted: dict[str, set[str]] = {}
            for word, other in pairs:
                wanted.setdefault(word, set()).add(folded(other))
            words = list(wanted)[:_SCORED]
            ways = made.transliterate(words, language, n=1)
            right = sum(
                bool(of and folded(of[0][0]) in wanted[word])
                for word, of in zip(words, ways, strict=True)
            )
            if words:
                shares[language] = round(right / len(words), 4)
        return shares

    def transliterator(self, reads: Sequence[str] = (), name: str = "") -> Transliterator:
        """The network as it stands, for use without torch."""
        weights = {name: of.cpu().numpy().copy() for name, of in self.average.items()}
        return Transliterator(weights, self.alphabet, reads, name)

    def state(self) -> State:
        average = {f"average.{name}": of for name, of in self.average.items()}
        return {**super().state(), **average}

    def restore(self, state: State) -> None:
        rest = dict(state)
        self.average = {name: rest.pop(f"average.{name}").clone() for name in self.average}
        super().restore(rest)
