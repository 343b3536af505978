"""Kgenrich finds what a knowledge graph lacks in each language and proposes it, with evidence.

In a notebook, `open` gives a store with every verb as a method::

    import kgenrich

    with kgenrich.open("kg.db") as graph:
        rows = graph.coverage(languages=["it"])

Who reads the code begins with `model`, then `enrich`, then the packages in the order of the work:
`harvest`, `store`, `sources`, `consensus`, `export`.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
"""As that of `typing`, which would take longer to import than all the rest."""

if TYPE_CHECKING:
    from kgenrich.progress import Progress
    from kgenrich.verbs.knowledge_graph import KnowledgeGraph

__version__ = "0.1.0"


def open(
    store: str | os.PathLike[str] | None = None,
    *,
    config: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> KnowledgeGraph:
    """A store, by its path or database URL, with every verb as a method.

    Without ``store`` it is the one of the settings, which are read from the file ``config``, else
    from where the command line reads them. ``progress`` is told how far the verbs are; nothing is
    printed without it. A file in the working directory that was not trusted is taken as far as it
    is harmless, with a warning. Raises `UsageError` for settings that are wrong; the store itself
    is opened when it is first wanted.
    """
    import warnings
    from pathlib import Path

    from kgenrich.progress import SILENT
    from kgenrich.settings import load_settings
    from kgenrich.verbs.knowledge_graph import KnowledgeGraph

    settings = load_settings(
        None if config is None else Path(config), None if store is None else os.fspath(store)
    )
    if settings.file and (remark := settings.file.remark()):
        warnings.warn(remark, stacklevel=2)
    return KnowledgeGraph(settings, progress or SILENT)
