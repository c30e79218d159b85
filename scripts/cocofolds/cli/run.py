"""`cocofolds run`."""


def run() -> None:
    """Make the folds that config.yaml asks for."""
    raise NotImplementedError
