"""How the reader that ships with the package was trained: run once by `make train-reader`, never at run time."""
