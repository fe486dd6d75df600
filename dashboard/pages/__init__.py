"""A page a task of a role. Importing one does nothing; Streamlit runs it as its main module."""
