"""Objects of a backup back into a cluster.

A run goes on where a dead one of the same name stopped: what that one made bears its name. Nothing that exists is
overwritten unless somebody asks for it.
"""
