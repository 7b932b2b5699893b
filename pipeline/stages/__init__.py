"""The rooms a report walks through, in walking order."""
