"""Text: normal forms, the views a row is judged by, quantities and polarity, masking."""
