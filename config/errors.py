"""What the person who runs a command can mend."""


class Misconfigured(Exception):  # noqa: N818
    """Something about this machine or its settings that the user can mend; the message is one line."""
