"""Matching the entities of two graphs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from pyoxigraph import Quad, Triple

from kgenrich.adapters.alignment.dbp15k import is_folder, read_folder
from kgenrich.adapters.alignment.graph_building import (
    graph_of_entities,
    graph_of_triples,
    known_pairs,
)
from kgenrich.adapters.alignment.kinds import Kind
from kgenrich.adapters.alignment.match_calibration import match_graphs
from kgenrich.adapters.encoders import open_encoder
from kgenrich.errors import InputError, UsageError
from kgenrich.export.mappings import Mapping, is_as_written, sssom, triples
from kgenrich.export.writing import write
from kgenrich.harvest.parsing import Block, Noted
from kgenrich.harvest.tag_spelling import TagSpellings
from kgenrich.harvest.triples import format_of, named_format, read_triples
from kgenrich.inputs import Input
from kgenrich.languages import wikimedia
from kgenrich.masking import mask
from kgenrich.model import Reject
from kgenrich.verbs.workspace import Options, Share, Workspace

if TYPE_CHECKING:
    from kgenrich.adapters.alignment.graph_arrays import Graph
    from kgenrich.adapters.encoder.name_tables import Ints


Predicate = Literal[
    "owl:sameAs", "owl:equivalentClass", "owl:equivalentProperty", "skos:exactMatch"
]


class AlignOptions(Options, frozen=True, kw_only=True):
    """``left`` and ``right`` are RDF files or stores (a path or URL), ``@it`` behind one takes only
    the names in that language; a single folder in the layout of DBP15K holds both. ``seeds`` is a
    file of known pairs (see `kgenrich.pairs`), ``no_seeds`` leaves out those of a folder. Classes,
    properties, units and other individuals are never matched with each other but with ``any_kind``;
    ``predicate`` says how all that is matched is one, by default it follows from what it is.
    Matches of at least ``minimum`` probability go to ``output``, in the format that its name says;
    ``force``: also over a file that is no SSSOM of this tool, or was changed since.
    """

    left: str
    right: str | None = None
    output: str
    format: Literal["sssom", "nt"] | None = None
    seeds: str | None = None
    no_seeds: bool = False
    minimum: Share = 0.5
    names_only: bool = False
    any_kind: bool = False
    predicate: Predicate | None = None
    encoder: str | None = None
    adapter: Path | None = None
    force: bool = False


class AlignReport(Struct, frozen=True):
    """Entities on the ``left`` and on the ``right``, known pairs (``seeds``), ``matches`` written,
    the share of the smaller side that has a partner as estimated from both (``overlap``), and how
    many ``seconds`` it took."""

    left: int
    right: int
    seeds: int
    matches: int
    overlap: float
    seconds: float


def align(workspace: Workspace, options: AlignOptions) -> AlignReport:
    """Match the entities of two graphs, with the probability of each match.

    Raises `UsageError` for options that contradict and graphs without names, `InputError` for
    files that cannot be read.
    """
    if options.seeds and options.no_seeds:
        raise UsageError("Give --seeds or --no-seeds, not both.")
    if not options.force:
        _refuse_foreign(Path(options.output))
    left, right, pairs = _graphs(workspace, options)
    sources = (options.left, options.right or options.left)
    for source, graph in zip(sources, (left, right), strict=True):
        _remark_on_nameless(workspace, source, graph)
    if options.seeds is not None:
        pairs, others = known_pairs(Path(options.seeds), left, right)
        if others:
            workspace.progress.remark(
                f"{others} rows of {options.seeds} are no pairs of entities of these graphs: "
                "left out."
            )
    began = monotonic()
    matching = match_graphs(
        left,
        right,
        open_encoder(options.encoder, options.adapter),
        pairs,
        names_only=options.names_only,
        any_kind=options.any_kind,
        minimum=options.minimum,
        progress=workspace.progress,
    )
    mappings = sorted(
        Mapping(
            left.ids[a],
            left.names[a],
            right.ids[b],
            right.names[b],
            probability,
            is_seed,
            options.predicate or _predicate(left.kind(a), right.kind(b)),
        )
        for a, b, probability, is_seed in matching.pairs
    )
    in_triples = options.output.endswith((".nt", ".nt.gz", ".nt.zst"))
    form = options.format or ("nt" if in_triples else "sssom")
    title = " - ".join(map(mask, sources))
    lines = triples(mappings) if form == "nt" else sssom(mappings, title)
    write(options.output, (line.encode() for line in lines))
    seeds = 0 if pairs is None else len({*map(tuple, pairs.tolist())})
    overlap = round(matching.overlap, 3)
    seconds = round(monotonic() - began, 1)
    return AlignReport(len(left), len(right), seeds, len(mappings), overlap, seconds)


def _refuse_foreign(path: Path) -> None:
    """Raise `UsageError` for a file that this tool did not write, or that was changed since."""
    if path.is_file():
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as lines:
            if not is_as_written(lines):
                raise UsageError(
                    f"{path} is no SSSOM as this tool wrote it: name another file, or overwrite "
                    "it with --force."
                )


def _predicate(left: Kind, right: Kind) -> Predicate:
    """How two entities of these kinds are one; what is not known of one is taken from the other."""
    if (left | right) & Kind.CONCEPT:
        return "skos:exactMatch"
    common = left & right if left and right else left | right
    if common & Kind.PROPERTY:
        return "owl:equivalentProperty"
    return "owl:equivalentClass" if common & Kind.CLASS else "owl:sameAs"


def _graphs(workspace: Workspace, options: AlignOptions) -> tuple[Graph, Graph, Ints | None]:
    """Both graphs, and the known pairs of a folder."""
    if options.right is not None:
        return _open(workspace, options.left), _open(workspace, options.right), None
    folder = Path(options.left)
    if not is_folder(folder):
        raise UsageError("Give two graphs, or one folder in the layout of DBP15K.")
    graphs = read_folder(folder, names_only=options.names_only)
    seeds = None if options.no_seeds or not len(graphs.seeds) else graphs.seeds
    return graphs.left, graphs.right, seeds


def _remark_on_nameless(workspace: Workspace, source: str, graph: Graph) -> None:
    place, language = _parts(mask(source))
    name = f"name in {language}" if language else "name"
    if not len(graph):
        raise UsageError(f"No entity in {place} has a {name}.")
    if graph.nameless:
        every = len(graph) + graph.nameless
        workspace.progress.remark(
            f"{graph.nameless} of {every} entities in {place} have no {name} and are left out."
        )


def _open(workspace: Workspace, source: str) -> Graph:
    """A graph from ``PATH``, ``PATH@language`` or a database URL."""
    place, language = _parts(source)
    if "://" not in place and named_format(place):
        with Input(place) as file:
            broken: list[Reject] = []
            base_iri = Path(place).resolve().as_uri()
            noted = Noted(tags=TagSpellings(keep=False))
            blocks = read_triples(file, format_of(file), base_iri, noted)
            graph = graph_of_triples(_sound(blocks, broken), language)
        if broken:
            first = broken[0]
            if not len(graph):
                raise InputError(f"{place} is broken at line {first.position}: {first.reason}")
            workspace.progress.remark(
                f"{len(broken)} parts of {place} are broken and left out, the first at line "
                f"{first.position}: {first.reason}"
            )
        return graph
    settings = workspace.settings.model_copy(update={"store": place})
    with Workspace(settings) as other:
        return graph_of_entities(other.graph.entities(), language, settings.base)


def _sound(blocks: Iterable[Block], broken: list[Reject]) -> Iterator[Quad | Triple]:
    for sound, rejects in blocks:
        broken += rejects
        yield from sound


def _parts(source: str) -> tuple[str, str]:
    """``PATH@language`` as the path and the code of the language."""
    place, at, language = source.rpartition("@")
    code = wikimedia(language) if at and place else None
    return (place, code) if code else (source, "")
