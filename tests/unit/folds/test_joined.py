"""Groups that copies join become one."""

from hypothesis import given
from hypothesis import strategies as st

from cocofolds.folds.joined import joined_groups


def test_joined_by_way_of_others():
    groups = {"a": "p", "b": "q", "c": "r", "d": "r", "e": "s", "f": ("", "f")}
    assert joined_groups(groups, []) == groups
    joined = joined_groups(groups, [("c", "b"), ("d", "e")])
    assert joined == {**groups, "b": "q", "c": "q", "d": "q", "e": "q"}
    assert joined_groups(groups, [("f", "a")])["a"] == ("", "f")


PAIRS = st.lists(st.tuples(*[st.integers(0, 11)] * 2), max_size=15)


@given(st.lists(st.integers(0, 7), min_size=12, max_size=12), PAIRS, st.randoms())
def test_as_found_by_going_round(numbers, pairs, random):
    groups = {f"{n}": f"g{number}" for n, number in enumerate(numbers)}
    named = [(f"{one}", f"{other}") for one, other in pairs]
    expected = dict(groups)
    for _ in groups:
        for one, other in named:
            ends = {expected[one], expected[other]}
            expected = {
                image: min(ends) if group in ends else group
                for image, group in expected.items()
            }
    assert joined_groups(groups, named) == expected
    random.shuffle(named)
    assert joined_groups(groups, [pair[::-1] for pair in named]) == expected
