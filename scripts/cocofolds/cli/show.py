"""`cocofolds show`."""


def show() -> None:
    """Show which splits there are, how good they are, and where."""
    raise NotImplementedError
