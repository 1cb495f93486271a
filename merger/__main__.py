"""`python -m merger` is the command `merger`."""

from merger.cli import main

if __name__ == "__main__":
    main()
