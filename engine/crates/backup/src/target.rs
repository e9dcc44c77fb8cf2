//! What a snapshot looks like at its top: targets put together to one tree.
//!
//! Decides names and places only; nothing is read here but the names in folders that a target stands for (`.`) or that hold
//! another target. The rules are restic's (`internal/archiver/tree.go`).

use std::collections::{BTreeMap, HashSet};

use holdfast_format::{Error, Result};

use crate::listing;
use crate::path;

/// A path to save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Where it is.
    pub path: Vec<u8>,
    /// The user named it, so no exclude takes it away.
    pub explicit: bool,
}

/// A place in the snapshot: a leaf (`path`) whose contents are saved, or a folder that only leads to leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Below it, by name in the snapshot.
    pub places: BTreeMap<Vec<u8>, Place>,
    /// What is saved here.
    pub path: Option<Vec<u8>>,
    /// Where the metadata of a folder that only leads to leaves is read.
    pub metadata: Vec<u8>,
    /// The user named it.
    pub explicit: bool,
    root: Vec<u8>,
}

/// Targets that are nothing but a folder (`.`, `..`, `/`) stand for what is in it; those entries are not explicit.
pub fn resolve(targets: &[Vec<u8>]) -> Result<Vec<Target>> {
    let mut resolved = Vec::new();
    for given in targets {
        let path = path::clean(given);
        if components(&path).is_empty() {
            for name in listing::names_sorted(&path, true)? {
                resolved.push(Target { path: path::join(&path, &name), explicit: false });
            }
        } else {
            resolved.push(Target { path, explicit: true });
        }
    }
    Ok(resolved)
}

/// One tree of all targets.
pub fn tree(targets: &[Target]) -> Result<Place> {
    let mut top = Place::default();
    let mut seen = HashSet::new();
    for target in targets.iter().filter(|target| seen.insert(target.path.clone())) {
        top.add_top(target)?;
    }
    top.unroll()?;
    Ok(top)
}

/// Names in the snapshot: of a relative path without what leads out of the working directory.
fn components(path: &[u8]) -> Vec<Vec<u8>> {
    let rooted = path::clean(&[b"/", path].concat());
    path::names(&rooted).map(<[u8]>::to_vec).collect()
}

/// The folder that holds the first name of a target.
fn root_of(target: &[u8]) -> Vec<u8> {
    if target.first() == Some(&b'/') {
        return b"/".to_vec();
    }
    let ups = path::names(target).filter(|&name| name == b"..").count();
    path::clean(&b"../".repeat(ups))
}

impl Place {
    fn add_top(&mut self, target: &Target) -> Result<()> {
        let names = components(&target.path);
        let root = root_of(&target.path);
        let Some((first, rest)) = names.split_first() else {
            return Err(Error::refused(format!("{} names no file or folder", path::text(&target.path))));
        };
        let name = self.free_name(first, &root);
        let place = self.places.entry(name).or_insert_with(|| Self { root: root.clone(), ..Self::default() });
        if rest.is_empty() {
            place.path = Some(target.path.clone());
            place.explicit = target.explicit;
            return Ok(());
        }
        place.metadata = path::join(&root, first);
        place.add(target, rest)
    }

    /// The name itself, or with a number behind it while folders of another root have it.
    fn free_name(&self, name: &[u8], root: &[u8]) -> Vec<u8> {
        let mut free = name.to_vec();
        let mut number = 0;
        while self.places.get(&free).is_some_and(|other| other.root != root) {
            number += 1;
            free = [name, format!("-{number}").as_bytes()].concat();
        }
        free
    }

    fn add(&mut self, target: &Target, names: &[Vec<u8>]) -> Result<()> {
        let Some((first, rest)) = names.split_first() else { return Ok(()) };
        let metadata = path::join(&self.metadata, first);
        let place = self.places.entry(first.clone()).or_default();
        if !rest.is_empty() {
            place.metadata = metadata;
            return place.add(target, rest);
        }
        if place.path.is_some() {
            return Err(Error::refused(format!(
                "path is already set for target {}",
                path::text(&target.path)
            )));
        }
        place.path = Some(target.path.clone());
        place.explicit = target.explicit;
        Ok(())
    }

    /// A leaf that holds another target becomes a folder of all that is in it.
    fn unroll(&mut self) -> Result<()> {
        if !self.places.is_empty()
            && let Some(folder) = self.path.take()
        {
            self.explicit = false;
            for name in listing::names_sorted(&folder, false)? {
                let path = path::join(&folder, &name);
                let place = self.places.entry(name).or_default();
                place.path.get_or_insert(path);
            }
        }
        self.places.values_mut().try_for_each(Self::unroll)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(place: &Place, indent: &str, out: &mut Vec<String>) {
        for (name, place) in &place.places {
            let source = place.path.as_deref().unwrap_or(&place.metadata);
            out.push(format!("{indent}{} < {}", path::text(name), path::text(source)));
            shown(place, &format!("{indent}  "), out);
        }
    }

    fn tree_of(targets: &[&str]) -> Vec<String> {
        let targets: Vec<_> =
            targets.iter().map(|t| Target { path: path::clean(t.as_bytes()), explicit: true }).collect();
        let mut out = Vec::new();
        shown(&tree(&targets).unwrap(), "", &mut out);
        out
    }

    #[test]
    fn parents_of_targets_are_in_the_snapshot() {
        assert_eq!(tree_of(&["/no/such"]), ["no < /no", "  such < /no/such"]);
        assert_eq!(tree_of(&["no/such", "no/such/"]), ["no < no", "  such < no/such"]);
    }

    #[test]
    fn relative_targets_keep_their_own_names_only() {
        assert_eq!(tree_of(&["../no/such"]), ["no < ../no", "  such < ../no/such"]);
    }

    #[test]
    fn same_names_of_different_roots_are_numbered() {
        assert_eq!(tree_of(&["no", "../no"]), ["no < no", "no-1 < ../no"]);
    }

    #[test]
    fn a_target_inside_another_takes_its_place() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("in")).unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        let outer = folder.path().to_str().unwrap();
        let tree = tree_of(&[outer, &format!("{outer}/in")]);
        assert_eq!(tree.len(), path::names(outer.as_bytes()).count() + 2);
        assert!(tree.iter().any(|line| line.ends_with(&format!("file < {outer}/file"))), "{tree:?}");
    }
}
