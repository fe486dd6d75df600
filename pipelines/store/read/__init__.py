"""Questions: functions named after what is asked, taking a `Store` and giving records. Nothing here writes."""
