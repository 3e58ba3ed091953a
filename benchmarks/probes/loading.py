"""Measures ``%load_ext spalloc_jupyter`` in a fresh kernel, once: prints the seconds that it took there."""

import sys

from jupyter_client.manager import start_new_kernel

CODE = """
import time
begun = time.perf_counter()
get_ipython().run_line_magic("load_ext", "spalloc_jupyter")
print(time.perf_counter() - begun)
"""


def main() -> None:
    manager, client = start_new_kernel(kernel_name="python3")
    told: list[str] = []
    try:
        client.execute_interactive(
            CODE, output_hook=lambda message: told.append(message["content"].get("text", "")), timeout=60
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    sys.stdout.write("".join(told).strip() + "\n")


if __name__ == "__main__":
    main()
