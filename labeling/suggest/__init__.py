"""Pure pre-labelers behind one interface: quotes, loaded terms, names; and the voice of a term."""
