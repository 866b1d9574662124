"""From the bytes of an article to its text, blocks and passages."""
