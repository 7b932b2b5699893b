"""Coverage-guided fuzzing of readers, repair, grammar and pipeline: ``make fuzz``, see docs/contributing.md."""
