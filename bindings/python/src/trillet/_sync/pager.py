"""A pager of the library's, for a thread."""

from .._core.pager import Pager

__all__ = ["Pager"]
