"""The command line: `holdfast NOUN VERB`.

`catalog` names every verb with its one line of help, `verbs/` holds one module per verb, and everything beside them
is what verbs share: options, connecting, listings, progress, failures. Help and completion are answered from the
catalog, so that asking for them imports no verb and nothing heavy.

Nothing here decides about snapshots or volumes; verbs gather what was asked and hand it to the packages below.
"""
