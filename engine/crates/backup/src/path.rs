//! Paths as bytes, cleaned and joined by the letter of the name alone, as restic does it. Asks the file system for nothing
//! but the working directory.

use std::os::unix::ffi::{OsStrExt, OsStringExt};

use holdfast_format::{Error, Result};

/// The shortest form: no `.`, no `//`, `..` taken back where the name before it is known. Nothing becomes `.`.
pub fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.first() == Some(&b'/');
    let mut kept: Vec<&[u8]> = Vec::new();
    for part in path.split(|&b| b == b'/') {
        match part {
            b"" | b"." => {}
            b".." if kept.last().is_some_and(|&last| last != b"..") => drop(kept.pop()),
            b".." if rooted => {}
            _ => kept.push(part),
        }
    }
    let joined = kept.join(&b'/');
    match (rooted, joined.is_empty()) {
        (true, _) => [b"/", &joined[..]].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}

/// `folder/name`, cleaned.
pub fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() {
        return clean(name);
    }
    clean(&[folder, b"/", name].concat())
}

/// Everything before the last name; `/` and `.` are their own folders.
pub fn folder(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|&b| b == b'/') {
        Some(0) => b"/",
        Some(end) => &path[..end],
        None => b".",
    }
}

/// The last name.
pub fn name(path: &[u8]) -> &[u8] {
    path.rsplit(|&b| b == b'/').next().unwrap_or(path)
}

/// The names of a cleaned path, in order.
pub fn names(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|&b| b == b'/').filter(|part| !part.is_empty() && *part != b".")
}

/// From the root, by way of the working directory where it has to be.
pub fn absolute(working: &[u8], path: &[u8]) -> Vec<u8> {
    if path.first() == Some(&b'/') { clean(path) } else { join(working, path) }
}

/// The working directory by the name the shell gave it (`PWD`), when that is where we are: what restic stores.
pub fn working_directory() -> Result<Vec<u8>> {
    if let Some(told) = std::env::var_os("PWD").map(OsStringExt::into_vec)
        && told.first() == Some(&b'/')
        && same_place(&told)
    {
        return Ok(told);
    }
    let here = std::env::current_dir().map_err(|error| Error::local(b".", error))?;
    Ok(here.as_os_str().as_bytes().to_vec())
}

fn same_place(path: &[u8]) -> bool {
    match (rustix::fs::stat(path), rustix::fs::stat(".")) {
        (Ok(told), Ok(here)) => (told.st_dev, told.st_ino) == (here.st_dev, here.st_ino),
        _ => false,
    }
}

/// Go's way to show bytes as text: each byte that is not UTF-8 becomes U+FFFD.
pub fn text(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        shown.push_str(chunk.valid());
        shown.extend(std::iter::repeat_n('\u{FFFD}', chunk.invalid().len()));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_go_cleans_them() {
        let cases: [(&str, &str); 12] = [
            ("", "."),
            (".", "."),
            ("/", "/"),
            ("//a//b/", "/a/b"),
            ("a/./b", "a/b"),
            ("a/../b", "b"),
            ("../a", "../a"),
            ("a/../../b", "../b"),
            ("/../a", "/a"),
            ("/a/..", "/"),
            ("a/..", "."),
            ("../..", "../.."),
        ];
        for (path, cleaned) in cases {
            assert_eq!(text(&clean(path.as_bytes())), cleaned, "{path}");
        }
    }

    #[test]
    fn a_path_is_folder_and_name() {
        for (path, before, last) in
            [("/a/b", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("a/b", "a", "b")]
        {
            assert_eq!(
                (folder(path.as_bytes()), name(path.as_bytes())),
                (before.as_bytes(), last.as_bytes())
            );
        }
        assert_eq!(join(b"/", b"a"), b"/a");
        assert_eq!(absolute(b"/w", b"../a"), b"/a");
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced_one_by_one() {
        assert_eq!(text(b"a\xe2\x82b"), "a\u{FFFD}\u{FFFD}b");
    }
}
