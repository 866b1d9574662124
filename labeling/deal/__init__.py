"""Which passage goes to whom: balanced, mixed by stratum, and the same for the same seed."""
