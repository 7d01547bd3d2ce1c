"""Things handed on beside the data: one file per export."""
