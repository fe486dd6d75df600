"""The entry that Streamlit runs. Everything is in `dashboard`."""

from dashboard import routing

routing.run()
