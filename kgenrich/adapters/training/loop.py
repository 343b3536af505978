"""One training loop for everything trained here: seeds, logs, checkpoints, early stopping.

What is trained is a `Learner`. The random choices of a step depend on the seed and the number
of the step alone, so a run that is resumed from a checkpoint ends with the same weights as one
that was never interrupted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import msgspec
import torch
from safetensors.torch import load_file, save_file

from kgenrich.adapters.training.recipe import Plan

State = Mapping[str, torch.Tensor]


class Learner(Protocol):
    """A model with its data and optimiser."""

    def step(self, number: int, rate: float) -> float:
        """Do one step with the learning rate scaled by ``rate``; the loss."""

    def score(self) -> float | None:
        """How good the model is on the development part; more is better. None where there is
        nothing to tell it by: then training goes on to its end and the last state is kept.
        """

    def state(self) -> State:
        """Everything that a resumed run needs: weights and the optimiser's moments."""

    def restore(self, state: State) -> None:
        """Go back to a state."""


class Point(msgspec.Struct, frozen=True):
    """One line of the log; ``score`` is None where the development part was not scored."""

    step: int
    loss: float
    score: float | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a training run came to. Seconds are those of this run, resumed parts included.
    ``score`` is None where nothing was held out.
    """

    steps: int
    score: float | None
    best_step: int
    cpu_seconds: float
    gpu_seconds: float
    device: str
    log: tuple[Point, ...]


def device() -> torch.device:
    """The GPU when there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def train(
    make: Callable[[], Learner],
    plan: Plan,
    folder: Path,
    tick: Callable[[int, float], None] = lambda _step, _loss: None,
) -> tuple[Learner, Report]:
    """Train what ``make`` makes, keeping checkpoints, log and loss plot in ``folder``.

    A folder with a checkpoint of the same plan is gone on from. ``tick`` is told every step and
    its loss.
    """
    torch.set_num_threads(plan.threads)
    torch.manual_seed(plan.seed)
    learner = make()
    run = _Run(plan, folder)
    first = run.resume(learner)
    began, spent = (time.monotonic(), time.process_time()), run.seconds
    losses: list[float] = []
    if not first and plan.patience:
        run.start(learner)
    for number in range(first, plan.steps):
        loss = learner.step(number, _rate(number, plan))
        losses.append(loss)
        tick(number + 1, loss)
        done = number + 1
        look = done == plan.steps or (plan.check and done % plan.check == 0)
        if look or done % 50 == 0:
            score = learner.score() if look else None
            run.note(Point(done, sum(losses) / len(losses), score), learner)
            losses.clear()
        run.seconds = _spent(spent, began)
        if plan.checkpoint and done % plan.checkpoint == 0 and done < plan.steps:
            run.checkpoint(done, learner)
        if look and run.patience_is_over():
            break
    run.finish(learner)
    cpu, gpu = run.seconds
    report = Report(
        steps=run.log[-1].step if run.log else 0,
        score=run.best,
        best_step=run.best_step,
        cpu_seconds=round(cpu, 1),
        gpu_seconds=round(gpu, 1),
        device=str(device()),
        log=tuple(run.log),
    )
    (folder / "report.json").write_bytes(msgspec.json.format(msgspec.json.encode(report)))
    return learner, report


def _rate(number: int, plan: Plan) -> float:
    share = number / plan.steps
    rising = (number + 1) / max(plan.warmup * plan.steps, 1)
    return max(min(1.0, rising) * (1 - share), 1e-3)


def _spent(before: tuple[float, float], began: tuple[float, float]) -> tuple[float, float]:
    """CPU-seconds and GPU-seconds so far; a GPU counts while a run holds it."""
    gpu = time.monotonic() - began[0] if device().type == "cuda" else 0.0
    return before[0] + time.process_time() - began[1], before[1] + gpu


class _Progress(msgspec.Struct):
    step: int
    best: float | None
    best_step: int
    seconds: tuple[float, float]
    log: list[Point]
    plan: Plan


class _Run:
    """What a run keeps on disk."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.plan, self.folder = plan, folder
        self.best: float | None = None
        self.best_step = 0
        self.log: list[Point] = []
        self.seconds = (0.0, 0.0)

    def resume(self, learner: Learner) -> int:
        path = self.folder / "progress.json"
        if not path.exists():
            return 0
        saved = msgspec.json.decode(path.read_bytes(), type=_Progress)
        if saved.plan != self.plan:
            return 0
        learner.restore(load_file(self.folder / f"step-{saved.step}.safetensors"))
        self.best, self.best_step = saved.best, saved.best_step
        self.log, self.seconds = saved.log, saved.seconds
        return saved.step

    def note(self, point: Point, learner: Learner) -> None:
        self.log.append(point)
        if point.score is None:
            return
        # A tie with what was there before training is no reason to throw the training away.
        first = not self.best_step
        if self.best is None or point.score > self.best or (first and point.score == self.best):
            self.best, self.best_step = point.score, point.step
            if self.plan.patience:
                _save(learner.state(), self.folder / "best.safetensors")

    def start(self, learner: Learner) -> None:
        """What there is before training counts: training must not end below it."""
        self.best = learner.score()
        if self.best is not None:
            _save(learner.state(), self.folder / "best.safetensors")

    def patience_is_over(self) -> bool:
        since = sum(1 for p in self.log if p.score is not None and p.step > self.best_step)
        return bool(self.plan.patience) and since >= self.plan.patience

    def checkpoint(self, step: int, learner: Learner) -> None:
        path = self.folder / f"step-{step}.safetensors"
        _save(learner.state(), path)
        progress = _Progress(step, self.best, self.best_step, self.seconds, self.log, self.plan)
        beside = self.folder / "progress.json.part"
        beside.write_bytes(msgspec.json.encode(progress))
        beside.replace(self.folder / "progress.json")
        self._drop_checkpoints(but=path)

    def finish(self, learner: Learner) -> None:
        best = self.folder / "best.safetensors"
        if self.plan.patience and best.exists():
            learner.restore(load_file(best))
            best.unlink()
        (self.folder / "progress.json").unlink(missing_ok=True)
        self._drop_checkpoints()
        (self.folder / "loss.svg").write_text(plot(self.log), encoding="utf-8")

    def _drop_checkpoints(self, but: Path | None = None) -> None:
        for path in self.folder.glob("step-*.safetensors"):
            if path != but:
                path.unlink()


def _save(state: State, path: Path) -> None:
    beside = path.with_name(path.name + ".part")
    save_file({name: tensor.contiguous().cpu() for name, tensor in state.items()}, beside)
    beside.replace(path)


def plot(log: list[Point], width: int = 640, height: int = 240) -> str:
    """The loss over the steps as an SVG picture."""
    top = max((p.loss for p in log), default=1.0) or 1.0
    last = max((p.step for p in log), default=1)
    line = " ".join(
        f"{40 + p.step / last * (width - 60):.1f},{height - 30 - p.loss / top * (height - 50):.1f}"
        for p in log
    )
    style = 'font-family="sans-serif" font-size="11"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<rect width="{width}" height="{height}" fill="#fff"/>'
        f'<path d="M40 15V{height - 30}H{width - 20}" fill="none" stroke="#888"/>'
        f'<text x="4" y="20" {style}>{top:.2f}</text>'
        f'<text x="{width - 70}" y="{height - 12}" {style}>step {last}</text>'
        f'<polyline points="{line}" fill="none" stroke="#06c" stroke-width="1.5"/></svg>\n'
    )
