"""Small matrices by one thread.

BLAS gives each product to all processors; where other processes use them too, its threads wait for
each other for most of the time: the transliterator is slower by a factor of five to ten then.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy  # noqa: F401  (its BLAS is found where it is loaded)
from threadpoolctl import ThreadpoolController


@contextmanager
def one_thread() -> Iterator[None]:
    """Within it BLAS uses one thread, in the whole process."""
    with _controller().limit(limits=1, user_api="blas"):
        yield


@cache
def _controller() -> ThreadpoolController:
    # The libraries that are loaded by then; finding them costs more than a product.
    return ThreadpoolController()
