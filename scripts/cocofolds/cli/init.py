"""`cocofolds init`."""


def init() -> None:
    """Look at a file of annotations and write the config.yaml for it."""
    raise NotImplementedError
