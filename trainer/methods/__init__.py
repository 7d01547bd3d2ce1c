"""Training methods, one per file; `trainer/method.py` holds their contract."""
