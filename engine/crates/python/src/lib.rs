//! The module `holdfast_engine._engine`: the engine's crates as Python sees them, one file a verb.
//!
//! Nothing is decided here. Arguments become the engine's options, work runs on threads of its own without the GIL
//! (`work`), and what comes of it becomes Python's values. `_engine.pyi` and the modules beside it are the description.

#![allow(clippy::needless_pass_by_value, reason = "arguments from Python are values")]

use pyo3::prelude::*;

mod backup;
mod cancel;
mod check;
mod diff;
mod dump;
mod errors;
mod file;
mod find;
mod iterating;
mod keys;
mod keywords;
mod lists;
mod locks;
mod lookup;
mod ls;
mod machine;
mod node;
mod opening;
mod operation;
mod parent;
mod raw;
mod restore;
mod snapshots;
mod stats;
mod stream;
mod times;
mod values;
mod watching;
mod work;

#[pymodule]
mod _engine {
    use super::{Bound, PyModule, PyResult};
    #[pymodule_export]
    use crate::cancel::PyCancel;
    #[pymodule_export]
    use crate::file::PyFileReader;
    #[pymodule_export]
    use crate::lists::{parse_size, read_patterns, read_sources};
    #[pymodule_export]
    use crate::locks::PyLock;
    #[pymodule_export]
    use crate::machine::{cache_folder, caches, kernels, remove_old_caches, store_options};
    #[pymodule_export]
    use crate::node::PyNode;
    #[pymodule_export]
    use crate::opening::Repository;
    #[pymodule_export]
    use crate::snapshots::PySnapshot;

    #[pymodule_export]
    #[allow(non_upper_case_globals)]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_init]
    #[allow(clippy::unnecessary_wraps, reason = "so it is called")]
    fn init(_module: &Bound<'_, PyModule>) -> PyResult<()> {
        holdfast_kernels::heap::return_large_buffers();
        Ok(())
    }
}
