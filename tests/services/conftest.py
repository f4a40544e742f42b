"""A real mail server for the tests of letters."""

from tests.connectors.conftest import smtp

__all__ = ["smtp"]
