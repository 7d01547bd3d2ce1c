"""Train on a certified split, and record what was done."""
