"""The machine that exchanges the volume behind one claim and can always bring the old one back."""
