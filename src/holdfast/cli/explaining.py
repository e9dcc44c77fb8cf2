"""Errors of the packages below as failures of a command: the cause decides the exit code and the remedy."""

from __future__ import annotations

from holdfast.archive import errors as archive
from holdfast.backups import errors as backups
from holdfast.cli import errors
from holdfast.control import errors as control
from holdfast.kube import errors as kube
from holdfast.locations import errors as locations
from holdfast.operator.installing import InstallationError
from holdfast.policy.errors import PolicyError
from holdfast.restores import errors as restores
from holdfast.store import errors as store

_BY_CAUSE: tuple[tuple[type[Exception], type[errors.CliError], str], ...] = (
    (
        kube.AccessError,
        errors.UnreachedError,
        "Check --kubeconfig and --context; `kubectl config view` shows what there is.",
    ),
    (kube.Unreachable, errors.UnreachedError, "Check that the cluster runs and is reachable from here."),
    (kube.NotFound, errors.MissingError, "Check the name and the namespace (-n)."),
    (kube.AlreadyExists, errors.ChangedError, "Choose another name, or delete what is there."),
    (kube.Conflict, errors.ChangedError, "Look at the object again and repeat the command."),
    (kube.Gone, errors.ChangedError, "Repeat the command."),
    (kube.Unauthorized, errors.DeniedError, "Renew the credentials of the kubeconfig."),
    (
        kube.Forbidden,
        errors.DeniedError,
        "Ask for the right that is named, or use another --context; `holdfast doctor` lists what is missing.",
    ),
    (kube.Invalid, errors.RefusedError, "Correct the value that is named."),
    (kube.BadRequest, errors.RefusedError, "Correct the value that is named."),
    (kube.TooManyRequests, errors.CliError, "The cluster is busy; try again in a moment."),
    (kube.ServerFailure, errors.CliError, "Try again; the logs of the API server say more."),
    (InstallationError, errors.RefusedError, ""),
    (PolicyError, errors.RefusedError, ""),
    (locations.LocationError, errors.MissingError, ""),
    (store.AddressError, errors.MisusedError, ""),
    (store.AbsentError, errors.MissingError, ""),
    (store.DeniedError, errors.DeniedError, ""),
    (store.UnreachableError, errors.UnreachedError, ""),
    (store.PresentError, errors.ChangedError, ""),
    (control.RunError, errors.ChangedError, "Look at what is there, and repeat the command."),
    (backups.ExistsError, errors.ChangedError, ""),
    (backups.BackupError, errors.RefusedError, ""),
    (restores.RestoreError, errors.RefusedError, ""),
    (archive.NoBackupError, errors.MissingError, "`holdfast backup get` lists those that there are."),
    (archive.ArchiveError, errors.CliError, ""),
    (TimeoutError, errors.TooLateError, "Look at the object, or give more time with --timeout."),
)


_NOT_ALLOWED = "A quota, a limit or a policy of the cluster refuses it: make room, or ask who set it."


def explain(failure: Exception) -> errors.CliError:
    """The failure of the command that an error stands for."""
    if isinstance(failure, ExceptionGroup):
        return explain(failure.exceptions[0])
    if isinstance(failure, errors.CliError):
        return failure
    if isinstance(failure, kube.Forbidden) and " cannot " not in failure.message:
        return errors.RefusedError(_said(failure), remedy=_NOT_ALLOWED)
    for cause, kind, remedy in _BY_CAUSE:
        if isinstance(failure, cause):
            return kind(_said(failure), remedy=getattr(failure, "remedy", "") or remedy)
    return errors.CliError(
        f"{type(failure).__name__}: {failure}",
        remedy="This is a defect of holdfast. HOLDFAST_DEBUG=1 shows where; please report it.",
    )


def _said(failure: Exception) -> str:
    if isinstance(failure, kube.ApiError):
        return f"{failure.asked}: {failure.message}" if failure.asked else failure.message
    return str(failure) or type(failure).__name__
