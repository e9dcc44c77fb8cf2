//! Parts of a repository, and checks that do not come to their end.

mod common;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use common::{EVERYTHING, STRUCTURE, files, open, replace, run, said_of, sample, stored};
use holdfast_backend::fault::{Faulty, plan::Plan};
use holdfast_backend::{Backend, Cancel};
use holdfast_check::{CheckOptions, Level, Observer, Phase, Problem, ProblemKind, Progress, Subset, check};
use holdfast_format::{Error, FileType, Version};
use holdfast_repo::SnapshotFilter;

#[derive(Default)]
struct Told {
    lines: Mutex<Vec<String>>,
    problems: Mutex<Vec<String>>,
    last: Mutex<BTreeMap<String, Progress>>,
}

impl Observer for Told {
    fn problem(&self, problem: &Problem) {
        self.problems.lock().expect("lock").push(problem.to_string());
    }
    fn say(&self, _level: Level, line: &str) {
        self.lines.lock().expect("lock").push(line.to_owned());
    }
    fn progress(&self, phase: Phase, progress: Progress) {
        let mut last = self.last.lock().expect("lock");
        let known = last.entry(format!("{phase:?}")).or_default();
        *known = if progress.done >= known.done { progress } else { *known };
    }
}

fn tag(tag: &str) -> SnapshotFilter {
    SnapshotFilter { tags: vec![vec![tag.to_owned()]], ..SnapshotFilter::default() }
}

#[test]
fn whoever_watches_sees_every_phase_to_its_end() {
    let backend = sample(Version::V2);
    let told = Told::default();
    check(&open(&backend).expect("opens"), &EVERYTHING, &told, &Cancel::new()).expect("check ends");
    let last = told.last.into_inner().expect("lock");
    assert_eq!(last.keys().map(String::as_str).collect::<Vec<_>>(), ["Data", "Index", "Snapshots"]);
    assert!(last.values().all(|progress| progress.done == progress.total && progress.total > 1), "{last:?}");
    let all: u64 = backend.list(FileType::Pack).expect("lists").iter().map(|pack| pack.size).sum();
    assert_eq!((last["Data"].bytes_done, last["Data"].bytes_total), (all, all));
    let lines = told.lines.into_inner().expect("lock");
    assert_eq!(
        lines,
        ["load indexes", "check all packs", "check snapshots, trees and blobs", "read all data"]
    );
}

#[test]
fn only_what_the_chosen_snapshots_need_is_looked_at() {
    let backend = sample(Version::V2);
    let repository = open(&backend).expect("opens");
    let all = run(&backend, &STRUCTURE).expect("check ends");
    assert!(all.is_sound());
    let mut lines = Vec::new();
    let mut broken_by = BTreeMap::new();
    for pack in files(&backend, FileType::Pack) {
        let right = stored(&backend, &pack);
        let mut wrong = right.clone();
        wrong[20] ^= 1;
        replace(&backend, &pack, &wrong);
        for name in ["one", "two"] {
            let told = Told::default();
            let options = CheckOptions { filter: tag(name), ..EVERYTHING };
            let outcome = check(&repository, &options, &told, &Cancel::new()).expect("check ends");
            broken_by.entry(pack.id).or_insert_with(Vec::new).push(!outcome.is_sound());
            assert_eq!(told.problems.into_inner().expect("lock").len(), outcome.problems.len());
            lines = told.lines.into_inner().expect("lock");
        }
        replace(&backend, &pack, &right);
    }
    let only = |seen: &[bool]| broken_by.values().filter(|by| by.as_slice() == seen).count();
    assert!(
        only(&[true, false]) > 1 && only(&[false, true]) > 1 && only(&[false, false]) == 0,
        "{broken_by:?}"
    );
    assert_eq!(only(&[true, true]), 1, "the file in both: {broken_by:?}");
    assert_eq!(lines.last().map(String::as_str), Some("read all filtered data"));
}

#[test]
fn snapshots_are_chosen_by_name() {
    let backend = sample(Version::V2);
    let id = files(&backend, FileType::Snapshot)[0].id;
    let named = |name: &str| CheckOptions { snapshots: vec![name.to_owned()], ..EVERYTHING };
    for name in ["latest", &id.short(), &id.to_string()] {
        assert!(run(&backend, &named(name)).expect("check ends").is_sound(), "{name}");
    }
    let outcome = run(&backend, &named("ffffffff")).expect("check ends");
    assert_eq!((outcome.num_errors, outcome.problems[0].kind), (1, ProblemKind::Snapshot));
    assert!(outcome.problems[0].to_string().contains("ffffffff"));
}

#[test]
fn parts_together_are_the_whole() {
    let backend = sample(Version::V2);
    let packs = files(&backend, FileType::Pack);
    for pack in &packs {
        let mut wrong = stored(&backend, pack);
        let end = wrong.len();
        wrong[end - 10] ^= 1;
        replace(&backend, pack, &wrong);
    }
    let mut found = Vec::new();
    for number in 1..=3 {
        let read = Subset::parse(&format!("{number}/3")).expect("a part");
        found.extend(run(&backend, &CheckOptions { read, ..STRUCTURE }).expect("check ends").broken_packs);
    }
    found.sort_unstable();
    assert_eq!(found, packs.iter().map(|pack| pack.id).collect::<Vec<_>>());
    for (text, count) in [("1%", 1), ("100%", packs.len()), ("1", 1), ("1T", packs.len())] {
        let read = Subset::parse(text).expect("a subset");
        let outcome = run(&backend, &CheckOptions { read, ..STRUCTURE }).expect("check ends");
        assert_eq!(outcome.broken_packs.len(), count, "{text}");
    }
}

#[test]
fn subsets_that_cannot_be_are_refused() {
    for text in
        ["", "0/2", "3/2", "1/257", "1/2/3", "a/b", "0%", "101%", "-1%", "nan%", "x%", "0", "-5", "5X"]
    {
        let message = Subset::parse(text).expect_err(text).to_string();
        assert!(message.contains(&format!("--read-data-subset={text} ")), "{message}");
    }
    assert_eq!(Subset::parse("2/256").expect("a part"), Subset::Part { number: 2, parts: 256 });
    assert_eq!(Subset::parse("2.5%").expect("a share"), Subset::Percent(2.5));
    assert_eq!(Subset::parse("50M").expect("a size"), Subset::Bytes(50 << 20));
}

#[test]
fn a_check_that_is_stopped_is_not_sound() {
    struct Stop(Cancel, Phase);
    impl Observer for Stop {
        fn progress(&self, phase: Phase, _progress: Progress) {
            if phase == self.1 {
                self.0.cancel();
            }
        }
    }
    let backend = sample(Version::V2);
    for phase in [Phase::Index, Phase::Snapshots, Phase::Data] {
        let cancel = Cancel::new();
        let stop = Stop(cancel.clone(), phase);
        let result = check(&open(&backend).expect("opens"), &EVERYTHING, &stop, &cancel);
        assert!(matches!(result, Err(Error::Cancelled)), "{phase:?}: {result:?}");
    }
}

#[test]
fn a_store_that_fails_anywhere_is_not_sound() {
    let inner = sample(Version::V2);
    let operations = (1..1000).take_while(|count| !sound_with(&inner, &format!("any:{count}:fail"))).count();
    assert!(operations > 20, "{operations}");
    assert!(sound_with(&inner, &format!("any:{}+:fail", operations + 1)), "there are no others");
}

/// Whether a check finds nothing wrong although the store fails as planned.
fn sound_with(inner: &Arc<dyn Backend>, plan: &str) -> bool {
    let plan = Plan::parse(plan).expect("a plan");
    let faulty: Arc<dyn Backend> = Arc::new(Faulty::new(inner.clone(), plan, Cancel::new()));
    run(&faulty, &EVERYTHING).is_ok_and(|outcome| outcome.is_sound())
}

#[test]
fn a_pack_that_is_right_only_when_read_again_is_an_error() {
    let inner = sample(Version::V2);
    let plan = Plan::parse("read/pack:5:flip").expect("a plan");
    let faulty: Arc<dyn Backend> = Arc::new(Faulty::new(inner.clone(), plan, Cancel::new()));
    let outcome = run(&faulty, &EVERYTHING).expect("check ends");
    assert_eq!(outcome.num_errors, 1, "{:?}", outcome.problems);
    let problem = &outcome.problems[0];
    assert!(problem.why.starts_with("check successful on second attempt, original error"), "{problem}");
    assert!(outcome.broken_packs.is_empty() && !said_of(&outcome, &problem.pack.expect("a pack")).is_empty());
}
