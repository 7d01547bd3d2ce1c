"""What a run shows a person: report.html, and the model card beside the weights."""
