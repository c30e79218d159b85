import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocofolds.report.histograms import (
    length_histogram,
    log_histogram,
    whole_histogram,
)


def check(histogram, values):
    """Each value is in one bar, and what is drawn can be read."""
    edges = [bar.low for bar in histogram.bars]
    assert edges == sorted(edges)
    assert sum(bar.n_values for bar in histogram.bars) == len(values)
    assert len(histogram.bars) <= 50
    assert len(histogram.ticks) <= 7
    positions = [tick.position for tick in histogram.ticks]
    assert positions == sorted(positions)
    assert all(0 <= position <= len(histogram.bars) for position in positions)


@given(st.lists(st.floats(0.5, 1e9), min_size=1))
def test_areas(values):
    histogram = log_histogram(np.array(values))
    check(histogram, values)
    widths = [math.log10(bar.high / bar.low) for bar in histogram.bars]
    assert widths == pytest.approx([widths[0]] * len(widths), abs=1e-6)


def test_areas_are_counted_where_they_lie():
    histogram = log_histogram(np.array([10.0, 11, 1000, 100_000]))
    assert [bar.n_values for bar in histogram.bars if bar.n_values] == [2, 1, 1]
    for bar in histogram.bars:
        assert bar.n_values == sum(
            bar.low - 1e-6 <= value < bar.high - 1e-6
            for value in (10, 11, 1000, 100_000 - 1)
        )
    assert [tick.value for tick in histogram.ticks] == [10, 100, 1000, 10_000, 100_000]
    assert [tick.position for tick in histogram.ticks] == [0, 6, 12, 18, 24]


def test_over_a_few_decades_there_are_more_marks():
    marks = [tick.value for tick in log_histogram(np.array([9.0, 300])).ticks]
    assert marks == [10, 20, 50, 100, 200]


@given(st.lists(st.integers(0, 10**6), min_size=1))
def test_masks_of_images(values):
    histogram = whole_histogram(np.array(values))
    check(histogram, values)
    for bar in histogram.bars:
        assert bar.n_values == sum(bar.low <= value <= bar.high for value in values)


def test_images_without_masks_have_a_bar_of_their_own():
    histogram = whole_histogram(np.array([0, 0, 1, 80]))
    assert histogram.bars[:2] == [(0, 0, 2), (1, 2, 1)]
    assert histogram.bars[-1] == (79, 80, 1)


@given(st.lists(st.integers(1, 10**5), min_size=1))
def test_lengths(values):
    histogram = length_histogram(np.array(values))
    check(histogram, values)
    for bar in histogram.bars:
        assert bar.n_values == sum(bar.low <= value < bar.high for value in values)


def test_one_length_alone_is_a_bar_in_the_middle():
    counts = [bar.n_values for bar in length_histogram(np.array([704, 704])).bars]
    assert counts == [0, 0, 2, 0, 0]


@pytest.mark.parametrize("count", [log_histogram, whole_histogram, length_histogram])
def test_without_values_there_are_no_bars(count):
    assert count(np.array([], np.int64)) == ([], [])
