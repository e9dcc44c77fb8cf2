"""What the verbs of `holdfast group` do and say; what is decided comes from the packages below."""
