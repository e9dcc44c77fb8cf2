//! The text behind `-r`: `/srv/repo`, `s3:http://host/bucket/prefix`, `rest:https://user:pass@host/`.

use std::fmt;
use std::path::PathBuf;

use holdfast_format::{Error, Result};
use url::Url;

/// Where a repository lies. Neither `display` nor `Debug` shows a password.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder.
    Local(PathBuf),
    /// In this process, by name; for tests and for trying out.
    Memory(String),
    /// A bucket of S3 or a compatible server.
    S3 {
        /// With scheme.
        endpoint: String,
        /// Its name.
        bucket: String,
        /// Without slashes at the ends, may be empty.
        prefix: String,
    },
    /// A REST server.
    Rest(Url),
}

/// Kinds of stores that restic has and we do not have yet, with what to do instead.
const LATER: [(&str, &str); 6] = [
    ("azure", "serve it with `rclone serve restic` and use rest:http://localhost:8080/"),
    ("b2", "use the bucket's S3 address, s3:https://s3.REGION.backblazeb2.com/BUCKET"),
    ("gs", "use the bucket's S3 address, s3:https://storage.googleapis.com/BUCKET, with an HMAC key"),
    ("rclone", "start `rclone serve restic REMOTE:PATH` and use rest:http://localhost:8080/"),
    ("sftp", "mount it with sshfs and name the folder, or run rest-server there and use rest:"),
    ("swift", "serve it with `rclone serve restic` and use rest:http://localhost:8080/"),
];

impl Location {
    /// Reads it; kinds that are not there yet are refused by name with a remedy.
    pub fn parse(text: &str) -> Result<Self> {
        match text.split_once(':') {
            Some(("local", path)) => folder(path),
            Some(("memory", name)) => Ok(Self::Memory(name.to_owned())),
            Some(("s3", rest)) => s3(rest),
            Some(("rest", address)) => rest(address),
            Some((scheme, _)) if !is_path(text) => Err(unknown(scheme)),
            _ => folder(text),
        }
    }

    /// For people; passwords are left out.
    pub fn display(&self) -> String {
        match self {
            Self::Local(path) => path.display().to_string(),
            Self::Memory(name) => format!("memory:{name}"),
            Self::S3 { endpoint, bucket, prefix } if prefix.is_empty() => format!("s3:{endpoint}/{bucket}"),
            Self::S3 { endpoint, bucket, prefix } => format!("s3:{endpoint}/{bucket}/{prefix}"),
            Self::Rest(address) => format!("rest:{}", masked(address)),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.display())
    }
}

/// The location as it was typed, with `***` for a password: what restic shows.
pub fn without_password(text: &str) -> String {
    match Location::parse(text) {
        Ok(Location::Rest(address)) if address.password().is_some() => format!("rest:{}", masked(&address)),
        _ => text.to_owned(),
    }
}

fn masked(address: &Url) -> String {
    let Some(_) = address.password() else { return address.to_string() };
    let mut address = address.clone();
    match address.set_password(Some("***")) {
        Ok(()) => address.to_string(),
        Err(()) => address.host_str().unwrap_or_default().to_owned(),
    }
}

fn is_path(text: &str) -> bool {
    text.starts_with('/') || text.starts_with("../")
}

fn folder(path: &str) -> Result<Location> {
    match path {
        "" => Err(Error::refused("the location of the repository is empty: name a folder or a server")),
        path => Ok(Location::Local(PathBuf::from(path))),
    }
}

fn unknown(scheme: &str) -> Error {
    match LATER.iter().find(|(name, _)| *name == scheme) {
        Some((name, instead)) => {
            Error::refused(format!("repositories at {name}: come with a later version; {instead}"))
        }
        None => Error::refused(format!(
            "invalid backend {scheme:?}: known are local:, s3: and rest:\n\
             If the repository is in a local directory, you need to add a `local:` prefix"
        )),
    }
}

fn s3(text: &str) -> Result<Location> {
    let (scheme, text) = match text.split_once("://") {
        Some((scheme @ ("http" | "https"), rest)) => (scheme, rest),
        _ => ("https", text.strip_prefix("//").unwrap_or(text)),
    };
    let (host, path) = text.split_once('/').unwrap_or((text, ""));
    let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
    if host.contains('@') {
        return Err(Error::refused(
            "s3: credentials do not belong in the location; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        ));
    }
    if host.is_empty() || bucket.is_empty() {
        return Err(Error::refused(format!(
            "s3:{text}: host or bucket is missing; write s3:HOST/BUCKET or s3:https://HOST:PORT/BUCKET/PREFIX"
        )));
    }
    let endpoint = format!("{scheme}://{host}");
    Ok(Location::S3 { endpoint, bucket: bucket.to_owned(), prefix: clean(prefix) })
}

/// Without empty, `.` and `..` parts.
fn clean(prefix: &str) -> String {
    let mut parts = Vec::new();
    for part in prefix.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn rest(address: &str) -> Result<Location> {
    let slash = if address.ends_with('/') { "" } else { "/" };
    let url = Url::parse(&format!("{address}{slash}")).map_err(|why| {
        Error::refused(format!(
            "the address behind rest: is not a URL ({why}); write rest:https://HOST:PORT/PATH/"
        ))
    })?;
    match url.scheme() {
        "http" | "https" => Ok(Location::Rest(url)),
        other => {
            Err(Error::refused(format!("rest:{other}: is not supported; use rest:http: or rest:https:")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Location {
        Location::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"))
    }

    fn refusal(text: &str) -> String {
        Location::parse(text).err().map(|why| why.to_string()).unwrap_or_default()
    }

    fn bucket(endpoint: &str, bucket: &str, prefix: &str) -> Location {
        Location::S3 { endpoint: endpoint.into(), bucket: bucket.into(), prefix: prefix.into() }
    }

    #[test]
    fn a_folder_needs_no_prefix_unless_it_has_a_colon() {
        assert_eq!(parsed("/srv/repo"), Location::Local("/srv/repo".into()));
        assert_eq!(parsed("repo"), Location::Local("repo".into()));
        assert_eq!(parsed("local:a:b"), Location::Local("a:b".into()));
        assert_eq!(parsed("/srv/a:b"), Location::Local("/srv/a:b".into()));
        assert!(refusal("a:b").contains("`local:` prefix"));
    }

    #[test]
    fn every_form_of_a_bucket_is_read() {
        assert_eq!(parsed("s3:host/b"), bucket("https://host", "b", ""));
        assert_eq!(parsed("s3://host/b/p/q/"), bucket("https://host", "b", "p/q"));
        assert_eq!(parsed("s3:http://host:9000/b/p"), bucket("http://host:9000", "b", "p"));
        assert_eq!(parsed("s3:https://host/b//p/./q/../r"), bucket("https://host", "b", "p/r"));
        assert!(refusal("s3:host").contains("bucket is missing"));
    }

    #[test]
    fn what_comes_later_is_refused_with_a_way_out() {
        for (scheme, instead) in LATER {
            let said = refusal(&format!("{scheme}:bucket/path"));
            assert!(said.contains(scheme) && said.contains(instead), "{said}");
        }
    }

    #[test]
    fn passwords_are_never_shown() {
        let text = "rest:http://user:s3cret@host:8000/repo";
        let location = parsed(text);
        for shown in [location.display(), format!("{location:?}"), without_password(text)] {
            assert_eq!(shown, "rest:http://user:***@host:8000/repo/");
        }
        assert!(!refusal("s3:https://key:s3cret@host/bucket").contains("s3cret"));
        assert!(!refusal("rest:htt p://user:s3cret@host/").contains("s3cret"));
    }

    #[test]
    fn an_address_without_password_is_shown_as_it_is() {
        assert_eq!(parsed("rest:http://user@host/").display(), "rest:http://user@host/");
        assert_eq!(parsed("s3:host/b").display(), "s3:https://host/b");
        assert_eq!(without_password("s3:host/b"), "s3:host/b");
    }

    #[test]
    fn other_protocols_of_rest_are_refused() {
        assert!(refusal("rest:ftp://host/").contains("rest:ftp:"));
        assert!(refusal("rest:host").contains("not a URL"));
    }

    proptest::proptest! {
        #[test]
        fn what_is_shown_names_the_same_place(text in "(s3:|s3:http://|s3://|rest:http://|/)[a-z]{1,3}(:[1-9])?/[a-z./]{0,8}") {
            if let Ok(location) = Location::parse(&text) {
                proptest::prop_assert_eq!(Location::parse(&location.display()).ok(), Some(location));
            }
        }

        #[test]
        fn no_text_is_too_odd(text in ".{0,40}") {
            let _ = Location::parse(&text);
            let _ = without_password(&text);
        }
    }
}
