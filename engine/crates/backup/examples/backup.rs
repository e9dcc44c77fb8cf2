//! Backs up paths into a repository in a local folder: for measuring, and for comparing with restic.
//!
//! `backup REPOSITORY PASSWORD [--parent ID] PATH...`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use holdfast_backend::{BackendOptions, Cancel, Location};
use holdfast_backup::{BackupOptions, ChangeRules, Counters, Excludes, Watcher};
use holdfast_format::compression::Compression;
use holdfast_format::time::Zone;
use holdfast_format::{Error, Id, Result};
use holdfast_repo::snapshots::SnapshotFilter;
use holdfast_repo::{CacheOptions, Lock, LockKind, OpenOptions, Repository};

struct Shown;

impl Watcher for Shown {
    fn error(&self, _path: &[u8], error: &str, _during: &'static str) {
        eprintln!("error: {error}");
    }
}

fn run() -> Result<u64> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [location, password, rest @ ..] = &arguments[..] else {
        return Err(Error::refused("backup REPOSITORY PASSWORD [--parent ID] PATH..."));
    };
    let cancel = Cancel::new();
    let backend = holdfast_backend::open(&Location::parse(location)?, &BackendOptions::default(), &cancel)?;
    let open = OpenOptions { key_hint: None, cache: CacheOptions::Off, cancel: cancel.clone() };
    let repository = Arc::new(Repository::open(backend, password.as_bytes(), &open)?);
    let lock = Arc::new(Lock::acquire(&repository, LockKind::Shared, Duration::ZERO, &cancel)?);
    let (parent, paths) = match rest {
        [flag, name, paths @ ..] if flag == "--parent" => (Some(name), paths),
        paths => (None, paths),
    };
    let found =
        parent.map(|name| holdfast_repo::snapshots::find(&repository, name, &SnapshotFilter::default()));
    let parent = found.transpose()?.map(|(id, snapshot, _)| (id, snapshot));
    let counters = Arc::new(Counters::default());
    let outcome = holdfast_backup::backup(
        &repository,
        Some(lock),
        &options(paths, parent),
        &counters,
        &Shown,
        &cancel,
    )?;
    println!("{:?} {:?}", outcome.snapshot.map(|id| id.to_string()), outcome.summary);
    Ok(outcome.errors)
}

fn options(paths: &[String], parent: Option<(Id, holdfast_format::snapshot::Snapshot)>) -> BackupOptions {
    BackupOptions {
        targets: paths.iter().map(PathBuf::from).collect(),
        excludes: Excludes::default(),
        exclude_texts: Vec::new(),
        parent,
        change_rules: ChangeRules::default(),
        time: Zone::local().now(),
        hostname: "host".into(),
        tags: Vec::new(),
        with_atime: false,
        skip_if_unchanged: false,
        dry_run: false,
        read_concurrency: 0,
        compression: Compression::Auto,
        pack_size: 16 << 20,
        extra_verify: true,
        program_version: "holdfast 0.1.0".into(),
    }
}

fn main() {
    std::process::exit(match run() {
        Ok(0) => 0,
        Ok(_) => 3,
        Err(error) => {
            eprintln!("{error}");
            error.exit_code()
        }
    });
}
