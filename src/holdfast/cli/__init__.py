"""The command line: one module a verb, no logic; answers come from the layers below."""
