"""The pages: they read the store and call `casework`; no model is ever loaded here."""
