"""SpiNNaker boards from a notebook."""
