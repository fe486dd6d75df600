"""Changes: functions that take a `Tx`. Who calls them adds the journal entry of the same transaction."""
