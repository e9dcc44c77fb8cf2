//! Paths as Go cleans and splits them.

/// The most components that are split without an allocation.
const INLINE: usize = 32;

/// Go's `filepath.Clean`: no empty components, no `.`, no `..` behind a name; nothing is `.`.
pub fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.first() == Some(&b'/');
    let mut kept: Vec<&[u8]> = Vec::new();
    for component in path.split(|&byte| byte == b'/') {
        match component {
            b"" | b"." => {}
            b".." if kept.last().is_some_and(|last| *last != b"..") => drop(kept.pop()),
            b".." if rooted => {}
            _ => kept.push(component),
        }
    }
    let joined = kept.join(&b'/');
    match (rooted, joined.is_empty()) {
        (true, _) => [b"/", joined.as_slice()].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}

/// Components of a clean path; the first of an absolute one is `/`.
pub(crate) fn components(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|&byte| byte == b'/').enumerate().map(|(position, component)| match (position, component) {
        (0, b"") => b"/".as_slice(),
        _ => component,
    })
}

/// Hands the components of a path over as a slice.
pub(crate) fn with_components<R>(path: &[u8], use_them: impl FnOnce(&[&[u8]]) -> R) -> R {
    let mut inline = [b"".as_slice(); INLINE];
    let mut count = 0;
    for component in components(path) {
        if count == INLINE {
            return use_them(&components(path).collect::<Vec<_>>());
        }
        inline[count] = component;
        count += 1;
    }
    use_them(&inline[..count])
}
