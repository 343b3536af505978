"""A store in which much has happened, on real items: for reports and metrics."""

from __future__ import annotations
