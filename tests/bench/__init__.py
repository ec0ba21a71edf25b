"""How fast it is, as ratios measured in one run on one machine. Each module is one measurement with a `measure()`."""
