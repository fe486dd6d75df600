"""Parts of pages that live in the browser: the map and the queue. Their code is inlined, so nothing is fetched."""
