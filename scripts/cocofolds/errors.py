"""The errors that are said to the user in one line, without a traceback."""


class InputError(Exception):
    """A mistake in the data or the settings, said so that it can be mended.

    The message names the file, the row or the key, what is wrong and what to do.
    """


class CheckError(Exception):
    """What was written is not what the source says."""
