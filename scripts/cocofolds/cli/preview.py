"""`cocofolds preview`."""


def preview() -> None:
    """Draw one image with its masks."""
    raise NotImplementedError
