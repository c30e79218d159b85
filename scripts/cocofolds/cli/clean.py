"""`cocofolds clean`."""


def clean() -> None:
    """Remove splits and files that config.yaml no longer names."""
    raise NotImplementedError
