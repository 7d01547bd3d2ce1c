"""Audit, clean and split fine-tuning data. `from dataprep import audit, split, load`."""
