"""A node for the sandbox: kubelet and containerd in pid, mount and network namespaces of one cluster.

With a node the whole cluster lives in these namespaces, the control plane, too: it is a machine of its own, which
ends with its process 1. Nothing here decides when something starts; the supervisor does.
"""
