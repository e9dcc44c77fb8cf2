"""The API server: access, client, discovery, watching, errors. Knows no kind of the product."""
