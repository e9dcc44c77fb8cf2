//! `keys`, `add_key`, `remove_key`, `change_password`, `master_key`.

use holdfast_format::keyfile::KeyFile;
use holdfast_format::{FileType, Id};
use holdfast_repo::LockKind;
use pyo3::prelude::*;

use crate::cancel::Stop;
use crate::errors::IntoPython;
use crate::keywords::Password;
use crate::opening::{Repository, costs, owner};
use crate::times::datetime;
use crate::values::record;

#[pymethods]
impl Repository {
    #[pyo3(signature = (*, cancel = None))]
    fn keys<'py>(&self, py: Python<'py>, cancel: Option<Stop>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let (keys, current) = self.quietly(py, cancel, |operation| {
            operation.lock_for_reading()?;
            Ok((holdfast_repo::keys::list(&operation.repository)?, operation.repository.key_id()))
        })?;
        let info = |(id, key): (Id, KeyFile)| {
            let created = datetime(py, key.created)?;
            let fields = (id.to_string(), id == current, created, key.username, key.hostname);
            record(py, "_opening", "KeyInfo", fields)
        };
        keys.into_iter().map(info).collect()
    }

    #[pyo3(signature = (password, /, *, user = None, host = None, scrypt = None, cancel = None))]
    fn add_key(
        &self,
        py: Python<'_>,
        password: Password,
        user: Option<String>,
        host: Option<String>,
        scrypt: Option<(u64, u32, u32)>,
        cancel: Option<Stop>,
    ) -> PyResult<String> {
        self.quietly(py, cancel, |operation| {
            operation.lock(LockKind::Shared)?.confirm()?;
            let (owner, scrypt) = (owner(user, host), scrypt.map(costs));
            Ok(holdfast_repo::keys::add(&operation.repository, &password.0, owner, scrypt)?.to_string())
        })
    }

    #[pyo3(signature = (key, /, *, cancel = None))]
    fn remove_key(&self, py: Python<'_>, key: &str, cancel: Option<Stop>) -> PyResult<()> {
        self.quietly(py, cancel, |operation| {
            operation.lock(LockKind::Exclusive)?.confirm()?;
            let repository = &operation.repository;
            let id = holdfast_repo::snapshots::find_file(repository, FileType::Key, key)?;
            holdfast_repo::keys::remove(repository, &id)
        })
    }

    #[pyo3(signature = (password, /, *, user = None, host = None, scrypt = None, cancel = None))]
    fn change_password(
        &self,
        py: Python<'_>,
        password: Password,
        user: Option<String>,
        host: Option<String>,
        scrypt: Option<(u64, u32, u32)>,
        cancel: Option<Stop>,
    ) -> PyResult<String> {
        self.quietly(py, cancel, |operation| {
            operation.lock(LockKind::Exclusive)?.confirm()?;
            let (owner, scrypt) = (owner(user, host), scrypt.map(costs));
            Ok(holdfast_repo::keys::change(&operation.repository, &password.0, owner, scrypt)?.to_string())
        })
    }

    fn master_key(&self, py: Python<'_>) -> PyResult<Vec<u8>> {
        Ok(self.inner().raised(py)?.master().to_json().into_bytes())
    }
}
