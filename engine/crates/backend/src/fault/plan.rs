//! Which operation fails, and how: `write/pack:3:kill-after,read:2+:flip`.
//!
//! ```text
//! plan      = rule *("," rule)
//! rule      = operation ["/" kind] ":" count ":" fault
//! operation = create | stat | read | write | list | remove | any
//! kind      = config | key | pack | index | snapshot | lock
//! count     = N      the Nth operation that the rule speaks of, from 1
//!           | N+     that one and all after it
//! fault     = fail         reports a temporary failure, does nothing
//!           | fail-after   does it and reports a temporary failure: the reply got lost
//!           | denied       reports missing rights, does nothing
//!           | full         reports a full disk, does nothing
//!           | kill-before  kills the process instead
//!           | kill-during  kills the process when half is written (write)
//!           | kill-after   does it, then kills the process
//!           | stall        waits until the file HOLDFAST_FAULTS_GO is there, or for the cancel
//!           | short        half of it, without an error (read, write, list)
//!           | flip         one wrong bit, without an error (read, write)
//! ```

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use holdfast_format::{Error, FileType, Result};

/// What a store does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Operation {
    Create,
    Stat,
    Read,
    Write,
    List,
    Remove,
}

impl Operation {
    /// As in the plan.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Stat => "stat",
            Self::Read => "read",
            Self::Write => "write",
            Self::List => "list",
            Self::Remove => "remove",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How it goes wrong; see the module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Fault {
    Fail,
    FailAfter,
    Denied,
    Full,
    KillBefore,
    KillDuring,
    KillAfter,
    Stall,
    Short,
    Flip,
}

const OPERATIONS: [Operation; 6] = [
    Operation::Create,
    Operation::Stat,
    Operation::Read,
    Operation::Write,
    Operation::List,
    Operation::Remove,
];
const KINDS: [FileType; 6] =
    [FileType::Config, FileType::Key, FileType::Pack, FileType::Index, FileType::Snapshot, FileType::Lock];
const FAULTS: [(&str, Fault); 10] = [
    ("fail", Fault::Fail),
    ("fail-after", Fault::FailAfter),
    ("denied", Fault::Denied),
    ("full", Fault::Full),
    ("kill-before", Fault::KillBefore),
    ("kill-during", Fault::KillDuring),
    ("kill-after", Fault::KillAfter),
    ("stall", Fault::Stall),
    ("short", Fault::Short),
    ("flip", Fault::Flip),
];

impl Fault {
    fn fits(self, operation: Option<Operation>) -> bool {
        use Operation::{List, Read, Write};
        match self {
            Self::KillDuring => operation == Some(Write),
            Self::Short => matches!(operation, Some(Read | Write | List)),
            Self::Flip => matches!(operation, Some(Read | Write)),
            _ => true,
        }
    }
}

/// All rules, and how far each has counted.
#[derive(Debug, Default)]
pub struct Plan(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    operation: Option<Operation>,
    kind: Option<FileType>,
    first: u64,
    last: u64,
    fault: Fault,
    seen: AtomicU64,
}

impl Plan {
    /// Reads it; empty is no fault at all.
    pub fn parse(text: &str) -> Result<Self> {
        let rules = text.split(',').map(str::trim).filter(|rule| !rule.is_empty());
        rules.map(rule).collect::<Result<_>>().map(Self)
    }

    /// Counts an operation in every rule that speaks of it, and gives the first fault that is due.
    pub fn next(&self, operation: Operation, kind: Option<FileType>) -> Option<Fault> {
        let due: Vec<Fault> = self.0.iter().filter_map(|rule| rule.next(operation, kind)).collect();
        due.first().copied()
    }
}

impl Rule {
    fn next(&self, operation: Operation, kind: Option<FileType>) -> Option<Fault> {
        let speaks_of_it = self.operation.is_none_or(|mine| mine == operation)
            && self.kind.is_none_or(|mine| Some(mine) == kind);
        let number = speaks_of_it.then(|| self.seen.fetch_add(1, Ordering::Relaxed) + 1)?;
        (self.first..=self.last).contains(&number).then_some(self.fault)
    }
}

fn rule(text: &str) -> Result<Rule> {
    let wrong = |what: &str| {
        Error::refused(format!(
            "HOLDFAST_FAULTS: {text:?}: {what}; write OPERATION[/KIND]:COUNT:FAULT as in write/pack:3:kill-after"
        ))
    };
    let [subject, count, fault] = text.split(':').collect::<Vec<_>>()[..] else {
        return Err(wrong("three parts are needed"));
    };
    let (operation, kind) = subject.split_once('/').map_or((subject, None), |(op, kind)| (op, Some(kind)));
    let operation = named_operation(operation).ok_or_else(|| wrong("unknown operation"))?;
    let kind = kind.map(|kind| named_kind(kind).ok_or_else(|| wrong("unknown kind"))).transpose()?;
    let (first, last) = span(count).ok_or_else(|| wrong("the count must be N or N+, from 1"))?;
    let known = FAULTS.iter().find(|(name, _)| *name == fault);
    let fault = known.ok_or_else(|| wrong("unknown fault"))?.1;
    if !fault.fits(operation) {
        return Err(wrong("this fault does not fit this operation"));
    }
    Ok(Rule { operation, kind, first, last, fault, seen: AtomicU64::new(0) })
}

/// The outer `None` is unknown, the inner one any.
#[allow(clippy::option_option)]
fn named_operation(name: &str) -> Option<Option<Operation>> {
    if name == "any" {
        return Some(None);
    }
    OPERATIONS.into_iter().find(|operation| operation.name() == name).map(Some)
}

fn named_kind(name: &str) -> Option<FileType> {
    KINDS.into_iter().find(|kind| kind.to_string() == name)
}

fn span(count: &str) -> Option<(u64, u64)> {
    let (number, open) = count.strip_suffix('+').map_or((count, false), |number| (number, true));
    let first = number.parse().ok().filter(|first| *first > 0)?;
    Some((first, if open { u64::MAX } else { first }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(plan: &str, operations: &[(Operation, FileType)]) -> Vec<Option<Fault>> {
        let plan = Plan::parse(plan).unwrap();
        operations.iter().map(|(operation, kind)| plan.next(*operation, Some(*kind))).collect()
    }

    #[test]
    fn a_rule_counts_only_what_it_speaks_of() {
        use FileType::{Index, Pack};
        use Operation::{Read, Write};
        let done = [(Write, Index), (Write, Pack), (Read, Pack), (Write, Pack), (Write, Pack)];
        let fail = Some(Fault::Fail);
        assert_eq!(faults("write/pack:2:fail", &done), [None, None, None, fail, None]);
        assert_eq!(faults("write:2:fail", &done), [None, fail, None, None, None]);
        assert_eq!(faults("any:3:fail", &done), [None, None, fail, None, None]);
        assert_eq!(faults("write:2+:fail", &done), [None, fail, None, fail, fail]);
        assert_eq!(
            faults("read:1:flip, write:1:full", &done)[..3],
            [Some(Fault::Full), None, Some(Fault::Flip)]
        );
        assert_eq!(faults("", &done), [None; 5]);
    }

    #[test]
    fn every_fault_of_the_grammar_is_read() {
        for (name, fault) in FAULTS {
            assert_eq!(
                faults(&format!("write:1:{name}"), &[(Operation::Write, FileType::Lock)]),
                [Some(fault)]
            );
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let wrong = [
            "write",
            "write:1",
            "write:0:fail",
            "write:x:fail",
            "write:1:explode",
            "fly:1:fail",
            "write/cow:1:fail",
        ];
        for text in
            wrong.into_iter().chain(["stat:1:flip", "remove:1:short", "read:1:kill-during", "any:1:flip"])
        {
            let said = Plan::parse(text).map_or_else(|why| why.to_string(), |plan| format!("{plan:?}"));
            assert!(said.contains("HOLDFAST_FAULTS") && said.contains(text), "{said}");
        }
    }
}
