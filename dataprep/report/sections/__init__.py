"""The parts of the report. Each is a module that defines `SECTION` and a template of the section's name."""
