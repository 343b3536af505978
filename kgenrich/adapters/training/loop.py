"""One training loop for everything trained here: seeds, logs, checkpoints, early stopping.

What is trained is a `Learner`. The random choices of a step depend on the seed and the number
of the step alone, so a run that is resumed from a checkpoint ends with the same weights as one
that was never interrupted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec
import torch
from safetensors.torch import load_file, save_file

from kgenrich.adapters.training.files import write_json, write_whole
from kgenrich.adapters.training.optimisation import State
from kgenrich.adapters.training.recipe import Plan
from kgenrich.progress import SILENT, Progress


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


class TrainingReport(msgspec.Struct, frozen=True, kw_only=True):
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

    def figures(self) -> dict[str, Any]:
        """All but the log, as JSON has it."""
        return {name: getattr(self, name) for name in self.__struct_fields__ if name != "log"}


L = TypeVar("L", bound=Learner)


def device() -> torch.device:
    """The GPU when there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def train(
    make: Callable[[], L],
    plan: Plan,
    folder: Path,
    progress: Progress = SILENT,
    title: str = "training",
) -> tuple[L, TrainingReport]:
    """Train what ``make`` makes, keeping checkpoints, log and loss plot in ``folder``.

    A folder with a checkpoint of the same plan is gone on from. ``title`` names the step of the
    progress, which is told every step of training and its loss.
    """
    torch.set_num_threads(plan.threads)
    torch.manual_seed(plan.seed)
    progress.begin(title, plan.steps, "steps")
    learner = make()
    run = _Run(plan, folder, learner)
    losses: list[float] = []
    for number in range(run.so_far.step, plan.steps):
        loss = learner.step(number, _rate(number, plan))
        losses.append(loss)
        run.so_far.step = done = number + 1
        progress.update(done, f"loss {loss:.3f}")
        look = done == plan.steps or (plan.check and done % plan.check == 0)
        if look or done % 50 == 0:
            score = learner.score() if look else None
            run.note(Point(done, sum(losses) / len(losses), score))
            losses.clear()
        if plan.checkpoint and done % plan.checkpoint == 0 and done < plan.steps:
            run.checkpoint()
        if look and run.patience_is_over():
            break
    return learner, run.finish()


def _rate(number: int, plan: Plan) -> float:
    share = number / plan.steps
    rising = (number + 1) / max(plan.warmup * plan.steps, 1)
    return max(min(1.0, rising) * (1 - share), 1e-3)


class _SoFar(msgspec.Struct, kw_only=True):
    """What a run that goes on needs to know beside the learner's state."""

    step: int = 0
    best: float | None = None
    best_step: int = 0
    seconds: tuple[float, float] = (0.0, 0.0)
    log: list[Point] = []
    plan: Plan


class _Run:
    """How far a run is, in memory and in its folder; it begins where the folder's ended."""

    def __init__(self, plan: Plan, folder: Path, learner: Learner) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.plan, self.folder, self.learner = plan, folder, learner
        self.progress, self.best = folder / "progress.json", folder / "best.safetensors"
        self.so_far = _SoFar(plan=plan)
        if self.progress.exists():
            saved = msgspec.json.decode(self.progress.read_bytes(), type=_SoFar)
            if saved.plan == plan:
                learner.restore(load_file(folder / f"step-{saved.step}.safetensors"))
                self.so_far = saved
        self._before, self._began = self.so_far.seconds, (time.process_time(), time.monotonic())
        if not self.so_far.step and plan.patience:
            # What there is before training counts: training must not end below it.
            self.so_far.best = learner.score()
            if self.so_far.best is not None:
                _save(learner.state(), self.best)

    def note(self, point: Point) -> None:
        so_far = self.so_far
        so_far.log.append(point)
        if point.score is None:
            return
        # A tie with what was there before training is no reason to throw the training away.
        tie_is_better = not so_far.best_step and point.score == so_far.best
        if so_far.best is None or point.score > so_far.best or tie_is_better:
            so_far.best, so_far.best_step = point.score, point.step
            if self.plan.patience:
                _save(self.learner.state(), self.best)

    def patience_is_over(self) -> bool:
        last = self.so_far.best_step
        since = sum(1 for p in self.so_far.log if p.score is not None and p.step > last)
        return bool(self.plan.patience) and since >= self.plan.patience

    def checkpoint(self) -> None:
        path = self.folder / f"step-{self.so_far.step}.safetensors"
        _save(self.learner.state(), path)
        self._count_seconds()
        write_json(self.progress, self.so_far)
        self._drop_checkpoints(but=path)

    def finish(self) -> TrainingReport:
        if self.plan.patience and self.best.exists():
            self.learner.restore(load_file(self.best))
            self.best.unlink()
        self.progress.unlink(missing_ok=True)
        self._drop_checkpoints()
        self._count_seconds()
        cpu, gpu = self.so_far.seconds
        report = TrainingReport(
            steps=self.so_far.step,
            score=self.so_far.best,
            best_step=self.so_far.best_step,
            cpu_seconds=round(cpu, 1),
            gpu_seconds=round(gpu, 1),
            device=str(device()),
            log=tuple(self.so_far.log),
        )
        (self.folder / "loss.svg").write_text(plot(self.so_far.log), encoding="utf-8")
        write_json(self.folder / "report.json", report)
        return report

    def _count_seconds(self) -> None:
        """CPU-seconds and GPU-seconds so far; a GPU counts while a run holds it."""
        cpu = self._before[0] + time.process_time() - self._began[0]
        held = time.monotonic() - self._began[1] if device().type == "cuda" else 0.0
        self.so_far.seconds = cpu, self._before[1] + held

    def _drop_checkpoints(self, but: Path | None = None) -> None:
        for path in self.folder.glob("step-*.safetensors"):
            if path != but:
                path.unlink()


def _save(state: State, path: Path) -> None:
    tensors = {name: tensor.contiguous().cpu() for name, tensor in state.items()}
    write_whole(path, lambda beside: save_file(tensors, beside))


def plot(log: list[Point]) -> str:
    """The loss over the steps as an SVG picture."""
    width, height = 640, 240
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
