"""What the tests of the library share."""

import csv

import pytest


def pytest_configure(config):
    """Let pycocotools 2.0.11 decode in the way that NumPy 2 warns of."""
    warning = "ignore:__array__ implementation:DeprecationWarning"
    config.addinivalue_line("filterwarnings", warning)


@pytest.fixture
def csv_as_it_starts():
    """The csv module with the limit of field lengths that each process starts with."""
    limit = csv.field_size_limit(2**17)
    yield
    csv.field_size_limit(limit)
