"""A real spalloc server on this computer, with simulated boards."""

from spalloc_client.sandbox.hardware import PowerEvent
from spalloc_client.sandbox.machines import SimulatedMachine
from spalloc_client.sandbox.sandbox import Sandbox

__all__ = ["PowerEvent", "Sandbox", "SimulatedMachine"]
