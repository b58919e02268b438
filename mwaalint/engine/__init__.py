"""A run: from the files of a project to what was found in them."""
