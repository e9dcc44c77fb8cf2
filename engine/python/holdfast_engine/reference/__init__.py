"""The restic format in plain Python: a reader to learn it from, and to compare the engine with.

    from holdfast_engine.reference import Repository

    repository = Repository.open("/srv/repo", "secret")
    for snapshot in repository.snapshots():
        for node in repository.walk(snapshot.tree):
            print(node.path, node.kind, node.size)

Read it in this order; each module describes the part of the format that it reads:

1. `envelopes`: how everything is encrypted, and how a password becomes a key
2. `packs`: where blobs lie, and what the index says of that
3. `trees`: folders and snapshots
4. `repository`: the files of a repository, and the way from a password to the bytes of a file

A repository is a folder of files that never change. All but `config` are named by the SHA-256 of their bytes:

```text
config            version, id, and the polynomial that decides where files are cut
keys/<id>         the master key, sealed with a password (the only files in the clear)
index/<id>        which pack holds which blob
snapshots/<id>    a point in time: paths, host, tags and the root tree
data/xx/<id>      packs of blobs; xx are the first two digits
locks/<id>        who works with the repository (a reader of unchanging files needs none)
```

It reads local folders only, is slow, keeps the whole index in memory, and checks every MAC and every SHA-256.
It needs `cryptography` and `zstandard`: the extra `holdfast-engine[reference]`.
"""

from .repository import Repository
from .trees import Node, Snapshot

__all__ = ["Node", "Repository", "Snapshot"]
