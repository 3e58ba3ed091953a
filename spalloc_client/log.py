"""What happens behind the scenes goes to the logger ``spalloc_client``.

``logging`` costs a tenth of a command's start, so it is loaded with the first thing that there is to say.
"""


def info(message: str, *args: object) -> None:
    """Log what somebody who looks for a cause wants to read."""
    import logging

    logging.getLogger("spalloc_client").info(message, *args)


def warning(message: str, *args: object) -> None:
    """Log what did not go as asked."""
    import logging

    logging.getLogger("spalloc_client").warning(message, *args)
