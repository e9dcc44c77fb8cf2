"""`python -m holdfast_sandbox` is `holdfast-sandbox`."""

from holdfast_sandbox.cli import main

main()
