"""The only files that import inference libraries; the zoo imports them by name when an entry is loaded."""
