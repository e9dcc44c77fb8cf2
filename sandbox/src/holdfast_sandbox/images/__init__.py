"""Container images without registry and daemon: written as OCI archives, loaded into a cluster's containerd."""
