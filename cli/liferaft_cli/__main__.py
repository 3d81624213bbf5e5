"""`python -m liferaft_cli`: the command without its script."""

from liferaft_cli.main import main

if __name__ == "__main__":
    main()
