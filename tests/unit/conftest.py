"""What the tests of the library share."""

import csv

import pytest


@pytest.fixture
def csv_as_it_starts():
    """The csv module with the limit of field lengths that each process starts with."""
    limit = csv.field_size_limit(2**17)
    yield
    csv.field_size_limit(limit)
