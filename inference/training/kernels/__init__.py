"""What is computed in C, and its functions in Python: `native`."""
