"""A local language model, really loaded, and the same model behind `transformers serve`: a tiny one
made on the spot, which has learned its answer by heart."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from kgenrich.errors import SourceStopped
from kgenrich.model import TermKind
from kgenrich.sources.base import MemoryGraph
from kgenrich.sources.llm.material import EntityFacts, Examples
from kgenrich.sources.llm.prompt import conversation
from tests import tiny_models
from tests.asking import APPLE, PEARL, WORLD, ask, make, texts, want

pytestmark = pytest.mark.slow

ANSWER = json.dumps({"known": True, "answers": [{"text": "Mela", "quote": ""}]})
OPTIONS = {"example": False, "glossary": False, "tokens": 90}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A causal model that answers the question for Apple's Italian name."""
    import torch

    torch.set_num_threads(1)
    material = EntityFacts(MemoryGraph(WORLD), lambda: Examples({}, {})).material(
        want(APPLE), glossary=False
    )
    messages = conversation(TermKind.LABEL, "it", material)
    question = "".join(f"<|{m.role}|>{m.content}" for m in messages) + "<|assistant|>"
    return tiny_models.causal(tmp_path_factory.mktemp("models"), [(question, ANSWER)])


def test_a_model_from_a_directory_answers(model: Path) -> None:
    source = make("transformers-llm", {"model": str(model), "device": "cpu", **OPTIONS})
    (got,) = ask(source, want(APPLE))
    assert texts(got) == ["Mela"]
    call = got.call
    assert call is not None and call.answer == ANSWER and call.cost == 0
    assert call.tokens_in > 300 and 10 < call.tokens_out < 90


def test_the_same_question_has_the_same_answer(model: Path) -> None:
    options = {"model": str(model), "device": "cpu", **OPTIONS}
    first, second = (ask(make("transformers-llm", options), want(PEARL))[0] for _ in range(2))
    assert first.candidates == second.candidates and first.failure == second.failure


def test_a_question_that_is_too_long_fails_that_request(model: Path) -> None:
    options = {"model": str(model), "device": "cpu", **OPTIONS, "tokens": 8000}
    (got,) = ask(make("transformers-llm", options), want(APPLE))
    assert "too many" in got.failure and got.call is not None and got.call.error


def test_a_model_that_is_not_there_stops_the_source(tmp_path: Path) -> None:
    source = make("transformers-llm", {"model": str(tmp_path / "nowhere"), "device": "cpu"})
    with pytest.raises(SourceStopped, match="cannot be loaded"):
        ask(source, want(APPLE))


@pytest.fixture(scope="module")
def served(model: Path) -> Iterator[str]:
    """The address of `transformers serve` with the model."""
    if any(importlib.util.find_spec(name) is None for name in ("fastapi", "uvicorn", "openai")):
        pytest.skip("transformers serve needs its own packages: pip install transformers[serving]")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(model)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    log = model.parent / "serve.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, log.read_text()[-2000:]
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(20)


def test_a_real_server_is_spoken_to(served: str, model: Path) -> None:
    options = {"url": served, "model": str(model), **OPTIONS, "timeout": 60}
    (got,) = ask(make("openai", options), want(APPLE))
    assert texts(got) == ["Mela"], got
    call = got.call
    assert call is not None and call.error == "" and call.answer == ANSWER
    assert call.tokens_in > 300 and call.model_resolved
