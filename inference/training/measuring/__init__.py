"""Commands that measure networks, simulation and training."""
