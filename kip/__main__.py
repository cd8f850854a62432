"""``python -m kip`` is the command ``kip``, for where scripts are not on the path."""

from kip.cli import main

if __name__ == "__main__":
    main()
