//! Extended options, `-o name=value`: which there are, and what they say.

use std::collections::BTreeMap;

use holdfast_format::{Error, Result};

/// An extended option that restic knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExtendedOption {
    /// `s3.region`.
    pub name: &'static str,
    /// What holds when it is not given; empty for nothing.
    pub default: &'static str,
    /// One line.
    pub help: &'static str,
    /// Why it is refused, if it is.
    pub refusal: Option<&'static str>,
}

const fn option(name: &'static str, default: &'static str, help: &'static str) -> ExtendedOption {
    ExtendedOption { name, default, help, refusal: None }
}

const fn refused(name: &'static str, help: &'static str, why: &'static str) -> ExtendedOption {
    ExtendedOption { name, default: "", help, refusal: Some(why) }
}

const CONNECTIONS: &str = "how many operations run at the same time";
const NO_STORE: &str = "this kind of store comes with a later version";
const COLD: &str =
    "bringing objects back from an archive class comes with a later version; restore them first";

/// Every extended option of restic, by name. `holdfast repo options` shows those without a refusal.
pub const OPTIONS: [ExtendedOption; 27] = [
    refused("azure.access-tier", "access tier of blobs", NO_STORE),
    refused("azure.connections", CONNECTIONS, NO_STORE),
    refused("b2.connections", CONNECTIONS, NO_STORE),
    refused("gs.connections", CONNECTIONS, NO_STORE),
    refused("gs.region", "region of a new bucket", NO_STORE),
    option("local.connections", "2", CONNECTIONS),
    refused("rclone.args", "arguments of rclone", NO_STORE),
    refused("rclone.connections", CONNECTIONS, NO_STORE),
    refused("rclone.program", "path of rclone", NO_STORE),
    refused("rclone.timeout", "how long to wait for rclone", NO_STORE),
    option("rest.connections", "5", CONNECTIONS),
    option("s3.bucket-lookup", "auto", "where the bucket's name stands: auto, dns (in the host) or path"),
    option("s3.connections", "5", CONNECTIONS),
    refused("s3.enable-restore", "restore objects from archive classes", COLD),
    option("s3.layout", "default", "only the default layout is left, as in restic"),
    option("s3.list-objects-v1", "false", "list with the old version of the API"),
    option(
        "s3.region",
        "",
        "region of the bucket; else AWS_DEFAULT_REGION, AWS_REGION, the host's, us-east-1",
    ),
    refused("s3.restore-days", "lifetime of restored objects", COLD),
    refused("s3.restore-tier", "tier of restoring", COLD),
    refused("s3.restore-timeout", "how long to wait for restored objects", COLD),
    option("s3.retries", "0", "quick retries of a request, before those that every store has"),
    option("s3.storage-class", "", "storage class of what is written; an archive class for data packs only"),
    option("s3.unsafe-anonymous-auth", "false", "ask without credentials"),
    refused("sftp.args", "arguments of ssh", NO_STORE),
    refused("sftp.command", "command that connects", NO_STORE),
    refused("sftp.connections", CONNECTIONS, NO_STORE),
    refused("swift.connections", CONNECTIONS, NO_STORE),
];

/// Checked options: every name is known and supported.
#[derive(Debug)]
pub struct Extended<'a>(&'a BTreeMap<String, String>);

impl<'a> Extended<'a> {
    /// Unknown and unsupported ones are refused by name.
    pub fn check(given: &'a BTreeMap<String, String>) -> Result<Self> {
        given.keys().try_for_each(|name| check_name(name))?;
        Ok(Self(given))
    }

    /// The value given, or else the default.
    pub fn text(&self, name: &str) -> &str {
        let default = || OPTIONS.iter().find(|known| known.name == name).map_or("", |known| known.default);
        self.0.get(name).map_or_else(default, String::as_str)
    }

    /// A number.
    pub fn number(&self, name: &str) -> Result<usize> {
        let text = self.text(name);
        text.parse().map_err(|_| bad_value(name, text, "a number"))
    }

    /// A number above 0.
    pub fn connections(&self, name: &str) -> Result<usize> {
        match self.number(name)? {
            0 => Err(bad_value(name, "0", "a number of at least 1")),
            number => Ok(number),
        }
    }

    /// Any of restic's words for yes and no.
    pub fn flag(&self, name: &str) -> Result<bool> {
        match self.text(name) {
            "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
            "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
            other => Err(bad_value(name, other, "true or false")),
        }
    }

    /// One of some words, in lower case.
    pub fn one_of(&self, name: &str, words: &[&'static str]) -> Result<&'static str> {
        let text = self.text(name);
        let found = words.iter().find(|word| word.eq_ignore_ascii_case(text));
        found.copied().ok_or_else(|| bad_value(name, text, &words.join(", ")))
    }
}

fn check_name(name: &str) -> Result<()> {
    match OPTIONS.iter().find(|known| known.name == name) {
        None => Err(Error::refused(format!(
            "option {name} is not known; `holdfast repo options` shows those that are"
        ))),
        Some(ExtendedOption { refusal: Some(why), .. }) => {
            Err(Error::refused(format!("option {name} is not supported: {why}")))
        }
        Some(_) => Ok(()),
    }
}

fn bad_value(name: &str, value: &str, wanted: &str) -> Error {
    Error::refused(format!("option {name}={value}: the value must be {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(name: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), value.to_owned())])
    }

    fn refusal<T: std::fmt::Debug>(result: Result<T>) -> String {
        result.map_or_else(|why| why.to_string(), |value| format!("accepted: {value:?}"))
    }

    #[test]
    fn what_is_not_given_is_the_default() {
        let nothing = BTreeMap::new();
        let options = Extended::check(&nothing).unwrap();
        assert_eq!(options.connections("local.connections").unwrap(), 2);
        assert_eq!(options.connections("s3.connections").unwrap(), 5);
        assert_eq!(options.one_of("s3.bucket-lookup", &["auto", "dns", "path"]).unwrap(), "auto");
        assert!(!options.flag("s3.unsafe-anonymous-auth").unwrap());
    }

    #[test]
    fn unknown_and_unsupported_options_are_refused_by_name() {
        assert!(refusal(Extended::check(&given("s3.regoin", "x"))).contains("s3.regoin is not known"));
        for known in OPTIONS {
            let said = refusal(Extended::check(&given(known.name, known.default)));
            match known.refusal {
                Some(why) => assert!(said.contains(known.name) && said.contains(why), "{said}"),
                None => assert!(said.starts_with("accepted"), "{said}"),
            }
        }
    }

    #[test]
    fn bad_values_are_refused_with_what_is_wanted() {
        let said = |name: &str, value: &str| {
            let given = given(name, value);
            let options = Extended::check(&given).unwrap();
            [
                refusal(options.connections(name)),
                refusal(options.flag(name)),
                refusal(options.one_of(name, &["auto"])),
            ]
        };
        for refusal in said("s3.connections", "many") {
            assert!(refusal.contains("option s3.connections=many: the value must be "), "{refusal}");
        }
        assert!(said("s3.connections", "0")[0].contains("at least 1"));
    }

    #[test]
    fn options_are_sorted_and_named_once() {
        assert!(OPTIONS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
