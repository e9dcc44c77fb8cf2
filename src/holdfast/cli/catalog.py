"""What can be typed: every noun and verb with its one line of help.

Help and completion come from this table alone; the module of a verb is imported when that verb runs. A test holds
the table and the modules against each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Entry:
    """A verb: where its command is, and its line in the help of its noun."""

    module: str
    summary: str


@dataclass(frozen=True, slots=True)
class Noun:
    """What verbs are about; `group` is a subclass of CatalogGroup by its path, where a noun has flags of its own."""

    summary: str
    verbs: Mapping[str, Entry | Noun]
    group: str = ""


def _noun(name: str, summary: str, **verbs: str) -> Noun:
    return Noun(summary, _verbs(name, **verbs))


def _verbs(name: str, **verbs: str) -> dict[str, Entry | Noun]:
    return {verb: Entry(f"holdfast.cli.verbs.{name}.{verb}", line) for verb, line in verbs.items()}


def _verb(name: str, summary: str) -> Entry:
    return Entry(f"holdfast.cli.verbs.{name}", summary)


CATALOG: Mapping[str, Noun | Entry] = {
    "backup": _noun(
        "backup",
        "Backups of namespaces in Velero's format, and what is in them.",
        cat="Print an object as it was saved.",
        create="Save the objects of namespaces in a location.",
        delete="Delete backups with all that belongs to them.",
        diff="Show what differs between two backups, or between a backup and the cluster.",
        download="Fetch the tarball of a backup.",
        find="Find objects in backups.",
        get="List the backups of a location.",
        history="Show how an object changed from backup to backup.",
        logs="Print what was said while a backup was made.",
        ls="List what is in a backup.",
        verify="Prove that backups are whole.",
    ),
    "backup-location": _noun(
        "backup_location",
        "Where backups of namespaces lie.",
        create="Make a location of backups.",
        delete="Take locations of backups out of the cluster.",
        get="List locations of backups, and whether they can be used.",
        set="Change a location of backups.",
    ),
    "clone": _verb("clone", "Make a second claim with the data of a claim."),
    "completion": _verb("completion", "Print the completion script of a shell."),
    "coverage": _verb("coverage", "List claims with their newest snapshot, or why there is none."),
    "doctor": _verb("doctor", "Check that the cluster can snapshot and restore volumes."),
    "drill": _noun(
        "drill",
        "Proofs that backups restore.",
        describe="Show one drill: what it proved, and the results of its runs.",
        list="List drills, and when each was last proven to restore.",
        run="Run a drill now.",
    ),
    "group": _noun(
        "group",
        "Scheduled snapshots of a claim, and restoring from them.",
        adopt="Take a group over from Gemini.",
        cancel="Stop the running restore of a group's claim.",
        describe="Show one group: tiers, snapshots, restores.",
        list="List groups and whether their data is safe.",
        pause="Stop taking and retiring snapshots.",
        plan="Show what will be taken and deleted next, and why.",
        restore="Put a claim, or a set of claims, back to an earlier point.",
        resume="Go on taking and retiring snapshots.",
        rollback="Bring back the volume from before the last restore.",
        snapshot="Take a snapshot of a group's claim now.",
    ),
    "install": _verb("install", "Install or update the operator in the cluster."),
    "operator": _verb("operator", "Run the operator."),
    "repo": Noun(
        "Encrypted repositories of files, in restic's format and with restic's command line.",
        _verbs(
            "repo",
            backup="Save files and folders.",
            cache="Show or clean local copies of repositories.",
            cat="Print what is stored.",
            check="Prove that a repository is whole.",
            diff="Show what changed between two snapshots.",
            dump="Print a file, or a folder as an archive.",
            find="Find files, folders, blobs, trees and packs.",
            generate="Write completion scripts and manual pages.",
            init="Make a repository.",
            list="List ids of files and blobs of a repository.",
            ls="List what is in a snapshot.",
            options="List options of the stores, for -o.",
            restore="Put a snapshot back into a folder.",
            snapshots="List snapshots.",
            stats="Count sizes and files.",
            unlock="Remove locks of processes that are gone.",
            version="Print versions.",
        )
        | {
            "key": Noun(
                "Passwords of a repository.",
                _verbs(
                    "repo.key",
                    add="Let another password open the repository.",
                    list="List keys; a star is at the one in use.",
                    passwd="Change the password of the key in use.",  # noqa: S106  (a line of help)
                    remove="Remove a key; the one in use is refused.",
                ),
                group="holdfast.cli.repo.grouping.KeyGroup",
            )
        },
        group="holdfast.cli.repo.grouping.RepoGroup",
    ),
    "restore": _noun(
        "restore",
        "Backups of namespaces back into the cluster.",
        create="Put objects of a backup back into the cluster.",
        plan="Show what restoring a backup would create, change, leave and fail at.",
    ),
    "snapshot": _noun(
        "snapshot",
        "Single snapshots of a claim.",
        delete="Delete snapshots that nothing holds.",
        list="List snapshots.",
        take="Take a snapshot of a claim.",
    ),
    "uninstall": _verb("uninstall", "Remove the operator; objects and their kinds stay."),
    "version": _verb("version", "Print the versions of client, server and operator."),
}
