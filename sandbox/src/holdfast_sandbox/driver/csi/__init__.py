"""CSI's messages turned into calls of the driver's own code, and results back into messages.

Only here are messages touched; each method is one function from request to answer.
"""
