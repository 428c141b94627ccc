"""From files to hits. Knows formats, passages, vectors and storage; knows nothing of answers."""
