"""SpiNNaker boards from a script or a shell."""
