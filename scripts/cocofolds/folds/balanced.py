"""Assign images, or groups of them, to folds so that all categories are even at once.

A *unit* is what goes to a fold as a whole. It adds to *columns*: the images of a
category, its annotations, and so on. Of each column's total, each fold should have its
share: one of k parts, or some of more parts if shares differ. What it has above that is
its *surplus*, here times the number of parts: a whole number.

Units whose fold is given stay there. The others are placed one by one, the heaviest
first, where the squares of the surplus grow least. Then they change places. For one
unit after the other, the best of many exchanges and of the moves to smaller folds is
made if it costs less than a threshold that falls to 0 (threshold accepting: Dueck and
Scheuer, J. Computational Physics 90, 1990). The cost is at first the squares of the
surplus, which see how far all folds are off; then its absolute values, whose mean is
the deviation. Last, units of categories that a fold lacks without need change places
until no exchange and no move brings the category there.

The change of the cost is rounded for each value by itself, so that sums are of whole
numbers below 2**53, which floats hold exactly: no order of summation breaks a tie.

With n units of r values each, m columns and k folds, placing takes O(n r k). A search
takes at most 40,000 and 16,000 steps, each over 8,000 values. Memory is O(n r + m k).
"""

from typing import NamedTuple

import numpy as np

from cocofolds.folds.units import Floats, Ints, Units, chosen

# How many values a step of a search looks at, and how many steps it has.
_WIDTH = 8_000
_MOST_UNITS, _LEAST_STEPS = 4_000, 3_000
# Rounds through the units of categories that a fold lacks.
_MOST_ROUNDS = 20
# What a surplus of the total of a column costs: so much that rounding is of no account.
_SCALE = 2.0**40
# What it costs if a fold lacks something: more than all else does.
_FORBIDDEN = 2.0**47


def balanced_folds(
    units: Units, shares: Ints, seed: int, given: Ints | None = None
) -> Ints:
    """Assign units to folds so that each has its share of each column.

    Parameters
    ----------
    units : Units
        In another order, they may go to other folds.
    shares : (n_folds,) int64
        How many parts of the whole each fold should have, at least 1. If all have one
        part, each should have some of each column, too.
    seed : int
        Below 2**32.
    given : (n_units,) int64 or None
        The fold of each unit, from 0, or -1 for one that may go to any.

    Returns
    -------
    (n_units,) int64
        The fold of each unit, from 0.
    """
    # Its numbers are the same in all versions of NumPy.
    random = np.random.RandomState(seed)
    order = random.permutation(units.n_units)
    folds = np.full(units.n_units, -1) if given is None else given.copy()
    order = order[folds[order] < 0]
    if not len(order):
        return folds
    start = _start(units, shares, folds)
    free = chosen(units, order)
    squares, absolutes = (
        _squares(units, start.n_parts),
        _absolutes(units, start.n_parts),
    )
    state = _Folds(free, start, _placed(free, start, squares))
    _search(state, squares, 10, 0.4, random)
    _search(state, absolutes, 4, 0.1, random)
    if (shares == 1).all():
        with_lacks = absolutes._replace(lacks=_lacks(units, len(shares)))
        if _fill(state, with_lacks):
            _search(state, with_lacks, 4, 0.1, random)
            _fill(state, with_lacks)
    folds[order] = state.folds
    return folds


class _Start(NamedTuple):
    """The folds before units are placed.

    Attributes
    ----------
    shares : (n_folds,) int64
    n_parts : int
        The sum of the shares.
    surplus : (n_folds, n_columns) float64
        Of the units that are given, times `n_parts`.
    sizes : (n_folds,) int64
        How many of them there are.
    room : (n_folds,) int64
        How many more there may be.
    """

    shares: Ints
    n_parts: int
    surplus: Floats
    sizes: Ints
    room: Ints


def _start(units: Units, shares: Ints, given: Ints) -> _Start:
    """Put the units that are given into their folds."""
    n_folds, n_columns, n_parts = len(shares), len(units.weights), int(shares.sum())
    of_values = np.repeat(given, np.diff(units.starts))
    is_given = of_values >= 0
    cells = of_values[is_given] * n_columns + units.columns[is_given]
    sums = np.bincount(cells, units.values[is_given], n_folds * n_columns)
    given_parts = n_parts * sums.reshape(n_folds, n_columns)
    surplus = given_parts - shares[:, np.newaxis] * units.totals
    sizes = np.bincount(given[given >= 0], minlength=n_folds)
    room = np.full(n_folds, units.n_units)
    if units.are_equal:
        room = even_sizes(units.n_units, shares, sizes) - sizes
    return _Start(shares, n_parts, surplus, sizes, room)


def even_sizes(n_units: int, shares: Ints, least: Ints) -> Ints:
    """Share a number of units as evenly as whole numbers and what is given allow.

    Parameters
    ----------
    n_units : int
    shares : (n_folds,) int64
        How many parts each fold should have.
    least : (n_folds,) int64
        How many units it has at least. In all, these are not more than there are.
    """
    is_open = np.ones(len(shares), bool)
    while True:
        n_open = n_units - int(least[~is_open].sum())
        wanted = n_open * shares
        n_parts = int(shares[is_open].sum())
        is_full = is_open & (least * n_parts > wanted)
        if not is_full.any():
            break
        is_open &= ~is_full
    sizes = np.where(is_open, wanted // n_parts, least)
    rest = np.where(is_open, wanted % n_parts, -1)
    sizes[np.argsort(-rest, kind="stable")[: n_units - int(sizes.sum())]] += 1
    return sizes


class _Lacks(NamedTuple):
    """What it costs besides if a fold lacks what it should have.

    Attributes
    ----------
    empty : (n_columns,) float64
        The surplus of a fold that lacks the column; NaN where that is no lack.
    costs : (n_columns,) float64
    """

    empty: Floats
    costs: Floats

    def of_change(self, before: Floats, after: Floats, columns: Ints) -> Floats:
        """Take the change of the cost of some columns, from a surplus to another."""
        empty = self.empty[columns]
        n_more = (after == empty).astype(np.float64) - (before == empty)
        change: Floats = self.costs[columns] * n_more
        return change


class _Cost(NamedTuple):
    """What the surplus of a fold costs.

    Attributes
    ----------
    weights : (n_columns,) float64
    is_square : bool
        Whether it is of the squares of the surplus, or of its absolute values.
    lacks : _Lacks or None
    """

    weights: Floats
    is_square: bool
    lacks: _Lacks | None = None

    def of_units(self, units: Units, n_parts: int) -> Floats:
        """Take the cost of what each unit adds to an even fold."""
        values = units.values * n_parts
        size = values**2 if self.is_square else values
        of_values = np.rint(self.weights[units.columns] * size)
        sums: Floats = np.add.reduceat(of_values, units.starts[:-1])
        return sums

    def of_change(self, before: Floats, after: Floats, columns: Ints) -> Floats:
        """Take the change of the cost in each fold, (n_folds,).

        Parameters
        ----------
        before, after : (n_folds, n) float64
            The surplus of some columns.
        columns : (n,) int64
        """
        if self.is_square:
            change = (after + before) * (after - before)
        else:
            change = np.abs(after) - np.abs(before)
        change = np.rint(change * self.weights[columns])
        if self.lacks is not None:
            change += self.lacks.of_change(before, after, columns)
        sums: Floats = change.sum(axis=1)
        return sums

    def of_exchange(
        self, weighted: Floats, values: Floats, columns: Ints, to: Floats, away: Floats
    ) -> Floats:
        """Take the change of the cost where values go to one fold from another.

        Parameters
        ----------
        weighted : (n,) float64
            The weights of the columns, for squares times twice the values.
        values : (n,) float64
        columns : (n,) int64
        to, away : (n,) float64
            The surplus of the column in both folds. They are not kept.

        Returns
        -------
        (n,) float64
        """
        if self.is_square:
            # (to + v)^2 - to^2 + (away - v)^2 - away^2
            to -= away
            to += values
            to *= weighted
            return np.rint(to, out=to)
        # One fold may lack it before, the other one afterwards.
        lacks = self.lacks and self.lacks.of_change(to, away - values, columns)
        change = -np.abs(to)
        change -= np.abs(away)
        to += values
        away -= values
        change += np.abs(to, out=to)
        change += np.abs(away, out=away)
        change *= weighted
        np.rint(change, out=change)
        if lacks is not None:
            change += lacks
        return change


def _squares(units: Units, n_parts: int) -> _Cost:
    """Weigh the columns so that squares of shares count."""
    return _Cost(units.weights * _SCALE / (n_parts * units.totals) ** 2, True)


def _absolutes(units: Units, n_parts: int) -> _Cost:
    """Weigh the columns so that absolute values of shares count."""
    return _Cost(units.weights * _SCALE / (n_parts * units.totals), False)


def _lacks(units: Units, n_folds: int) -> _Lacks:
    """Weigh what there is enough of for all folds, should one lack it."""
    n_units_of = np.bincount(units.columns, minlength=len(units.weights))
    is_enough = units.is_wanted & (n_units_of >= n_folds)
    empty = np.where(is_enough, -units.totals, np.nan)
    # What is only wanted costs as much as two parts of it that are missing.
    costs = np.where(units.is_forced, _FORBIDDEN, 2 * _SCALE / n_folds)
    return _Lacks(empty, costs)


def _placed(units: Units, start: _Start, squares: _Cost) -> Ints:
    """Place each unit, the heaviest first, where squares of the surplus grow least."""
    values = units.values * start.n_parts
    heaviness = squares.of_units(units, start.n_parts)
    weighted = squares.weights[units.columns] * values
    surplus, room, sizes = start.surplus.copy(), start.room.copy(), start.sizes.copy()
    folds = np.empty(units.n_units, np.int64)
    starts = units.starts.tolist()
    for unit in np.argsort(-heaviness, kind="stable").tolist():
        row = slice(starts[unit], starts[unit + 1])
        columns = units.columns[row]
        change = (2 * surplus[:, columns] + values[row]) * weighted[row]
        sums = np.rint(change).sum(axis=1)
        sums[room == 0] = np.inf
        fold = np.lexsort((sizes, sums))[0]
        folds[unit] = fold
        surplus[fold, columns] += values[row]
        sizes[fold] += 1
        room[fold] -= 1
    return folds


class _Folds:
    """Units in their folds, and the surplus of each fold."""

    def __init__(self, units: Units, start: _Start, folds: Ints) -> None:
        n_folds, n_columns = start.surplus.shape
        self.units = units
        self.starts = units.starts.tolist()
        self.shares, self.n_parts = start.shares, start.n_parts
        self.values = units.values * start.n_parts
        self.folds = folds
        self.sizes = start.sizes + np.bincount(folds, minlength=n_folds)
        # Where in `surplus` each fold begins, and to what each value adds.
        self.offsets = np.arange(n_folds) * n_columns
        self.cells = np.repeat(self.offsets[folds], np.diff(units.starts))
        self.cells += units.columns
        surplus = np.bincount(self.cells, self.values, n_folds * n_columns)
        self.surplus = surplus + start.surplus.ravel()

    def of_fold(self, fold: int) -> Floats:
        """The surplus of a fold, (n_columns,)."""
        first = self.offsets[fold]
        return self.surplus[first : first + len(self.units.weights)]

    def move(self, unit: int, fold: int) -> None:
        """Put a unit into another fold."""
        row = slice(self.starts[unit], self.starts[unit + 1])
        before = self.folds[unit]
        self.surplus[self.cells[row]] -= self.values[row]
        self.cells[row] += self.offsets[fold] - self.offsets[before]
        self.surplus[self.cells[row]] += self.values[row]
        self.folds[unit] = fold
        self.sizes[before] -= 1
        self.sizes[fold] += 1


def _search(
    state: _Folds,
    cost: _Cost,
    n_rounds: int,
    heat: float,
    random: np.random.RandomState,
) -> None:
    """Exchange and move units while the threshold falls.

    Parameters
    ----------
    state : _Folds
    cost : _Cost
    n_rounds : int
        Steps for each unit, as long as there are few.
    heat : float
        The threshold at first, in costs of half of the units.
    random : RandomState
    """
    units = state.units
    n_steps = max(n_rounds * min(units.n_units, _MOST_UNITS), _LEAST_STEPS)
    n_partners = max(1, _WIDTH * units.n_units // len(units.values))
    n_partners = min(n_partners, units.n_units)
    limit = heat * float(np.median(cost.of_units(units, state.n_parts)))
    _exchange(
        state,
        cost,
        np.arange(n_steps) % units.n_units,
        random.randint(0, units.n_units - n_partners + 1, n_steps),
        n_partners,
        limit * np.linspace(1, 0, n_steps, endpoint=False),
    )


def _fill(state: _Folds, cost: _Cost) -> bool:
    """Exchange and move units of columns that folds lack, until none gains by it.

    Parameters
    ----------
    state : _Folds
    cost : _Cost
        With what a lack costs.

    Returns
    -------
    bool
        Whether any did.
    """
    assert cost.lacks is not None
    units, n_folds = state.units, len(state.sizes)
    has_changed = False
    for _ in range(_MOST_ROUNDS):
        is_lacking = (state.surplus.reshape(n_folds, -1) == cost.lacks.empty).any(
            axis=0
        )
        of_unit = np.logical_or.reduceat(is_lacking[units.columns], units.starts[:-1])
        tries = np.flatnonzero(of_unit)
        firsts, limits = np.zeros(len(tries), np.int64), np.zeros(len(tries))
        if not _exchange(state, cost, tries, firsts, units.n_units, limits):
            break
        has_changed = True
    return has_changed


def _exchange(
    state: _Folds,
    cost: _Cost,
    tries: Ints,
    firsts: Ints,
    n_partners: int,
    limits: Floats,
) -> bool:
    """Make the best exchange, or move, of one unit after the other.

    Parameters
    ----------
    state : _Folds
        In the end, it is as it was where it cost least.
    cost : _Cost
    tries : (n_steps,) int64
        The unit of each step.
    firsts : (n_steps,) int64
        The first of the units with which it may change places.
    n_partners : int
        How many these are.
    limits : (n_steps,) float64
        What the change of the cost has to be below.

    Returns
    -------
    bool
        Whether it costs less than before.
    """
    weighted = cost.weights[state.units.columns]
    if cost.is_square:
        weighted *= 2 * state.values
    total, least, is_less = 0.0, 0.0, False
    # The moves since it cost least: a unit, and the fold in which it was.
    since: list[tuple[int, int]] = []
    steps = zip(tries.tolist(), firsts.tolist(), limits.tolist(), strict=True)
    for unit, first, limit in steps:
        change, fold, partner = _best_change(
            state, cost, weighted, unit, first, n_partners
        )
        if change >= limit:
            continue
        here = int(state.folds[unit])
        state.move(unit, fold)
        since.append((unit, here))
        if partner is not None:
            state.move(partner, here)
            since.append((partner, fold))
        total += change
        if total < least:
            least, is_less = total, True
            since.clear()
    for unit, fold in reversed(since):
        state.move(unit, fold)
    return is_less


def _best_change(
    state: _Folds,
    cost: _Cost,
    weighted: Floats,
    unit: int,
    first: int,
    n_partners: int,
) -> tuple[float, int, int | None]:
    """Find the best exchange of a unit with some others, or the best move.

    Returns
    -------
    float
        The change of the cost; infinite if nothing can be done.
    int
        The fold to which the unit goes.
    int or None
        The unit that comes from there.
    """
    units, starts, surplus = state.units, state.starts, state.surplus
    here = int(state.folds[unit])
    row = slice(starts[unit], starts[unit + 1])
    columns, values = units.columns[row], state.values[row]
    cells = state.offsets[:, np.newaxis] + columns
    before: Floats = surplus.take(cells)
    after: Floats = before + values
    after[here] -= 2 * values
    moves = cost.of_change(before, after, columns)
    # Out of its fold, and into each other.
    moves += moves[here]
    moves[here] = np.inf
    # It is out of its fold, and in all others, as partners see it.
    surplus[cells] = after
    last = first + n_partners
    some = slice(starts[first], starts[last])
    of_values = cost.of_exchange(
        weighted[some],
        state.values[some],
        units.columns[some],
        state.of_fold(here).take(units.columns[some]),
        surplus.take(state.cells[some]),
    )
    surplus[cells] = before
    folds = state.folds[first:last]
    changes = np.add.reduceat(of_values, units.starts[first:last] - starts[first])
    changes += moves.take(folds)
    partner = int(changes.argmin())
    if units.are_equal:
        moves[state.sizes >= state.sizes[here]] = np.inf
        moves[state.shares != state.shares[here]] = np.inf
    fold = int(moves.argmin())
    if moves[fold] <= changes[partner]:
        return float(moves[fold]), fold, None
    return float(changes[partner]), int(folds[partner]), first + partner
