//! Who asks: variables, `~/.aws/credentials`, a web identity, a container's or a machine's role, or nobody.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use holdfast_format::{Error, Result};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, AwsCredential};
use object_store::{CredentialProvider, RetryConfig, StaticCredentialProvider};

/// Gives credentials that are good for the next request.
pub type Provider = Arc<dyn CredentialProvider<Credential = AwsCredential>>;

/// Names of pairs of variables, as restic looks for them.
const PAIRS: [(&str, &str); 4] = [
    ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    ("AWS_ACCESS_KEY", "AWS_SECRET_KEY"),
    ("MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD"),
    ("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"),
];

/// What tells a program in Amazon's cloud who it is.
const OF_THE_CLOUD: [(&str, AmazonS3ConfigKey); 8] = [
    ("AWS_WEB_IDENTITY_TOKEN_FILE", AmazonS3ConfigKey::WebIdentityTokenFile),
    ("AWS_ROLE_ARN", AmazonS3ConfigKey::RoleArn),
    ("AWS_ROLE_SESSION_NAME", AmazonS3ConfigKey::RoleSessionName),
    ("AWS_ENDPOINT_URL_STS", AmazonS3ConfigKey::StsEndpoint),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", AmazonS3ConfigKey::ContainerCredentialsRelativeUri),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", AmazonS3ConfigKey::ContainerCredentialsFullUri),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", AmazonS3ConfigKey::ContainerAuthorizationTokenFile),
    ("AWS_METADATA_ENDPOINT", AmazonS3ConfigKey::MetadataEndpoint),
];

const REMEDY: &str =
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use -o s3.unsafe-anonymous-auth=true";

/// Nothing was found, and `why`.
pub fn none_found(why: impl std::fmt::Display) -> Error {
    Error::refused(format!("s3: no credentials found ({why}); {REMEDY}"))
}

/// The first source that has something; the last ones are asked over the network, later.
pub fn find(variable: impl Fn(&str) -> Option<String>, region: &str) -> Result<Provider> {
    if variable("RESTIC_AWS_ASSUME_ROLE_ARN").is_some() {
        return Err(Error::refused(
            "RESTIC_AWS_ASSUME_ROLE_ARN is not supported yet; assume the role first and set AWS_ACCESS_KEY_ID, \
             AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN",
        ));
    }
    let of_variables = PAIRS.iter().map(|pair| of_pair(&variable, *pair)).find_map(Result::transpose);
    match of_variables.transpose()?.map_or_else(|| of_file(&variable), |found| Ok(Some(found)))? {
        Some(found) => Ok(Arc::new(StaticCredentialProvider::new(found))),
        None => of_the_cloud(&variable, region),
    }
}

fn of_pair(
    variable: impl Fn(&str) -> Option<String>,
    (key, secret): (&str, &str),
) -> Result<Option<AwsCredential>> {
    match (variable(key), variable(secret)) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(Error::refused(format!("s3: {key} is set but {secret} is empty; set both"))),
        (None, Some(_)) => Err(Error::refused(format!("s3: {secret} is set but {key} is empty; set both"))),
        (Some(key), Some(secret)) => checked(key, secret, variable("AWS_SESSION_TOKEN")).map(Some),
    }
}

/// They are sent in headers.
fn checked(key_id: String, secret_key: String, token: Option<String>) -> Result<AwsCredential> {
    let sendable = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    if sendable(&key_id) && token.as_deref().is_none_or(sendable) {
        return Ok(AwsCredential { key_id, secret_key, token });
    }
    Err(Error::refused(
        "s3: the access key or the session token has a character that cannot be sent, such as a line's end",
    ))
}

fn of_file(variable: impl Fn(&str) -> Option<String>) -> Result<Option<AwsCredential>> {
    let standard = || variable("HOME").map(|home| PathBuf::from(home).join(".aws/credentials"));
    let named = variable("AWS_SHARED_CREDENTIALS_FILE").map(PathBuf::from);
    let Some(path) = named.or_else(standard) else { return Ok(None) };
    let text = match fs::read_to_string(&path) {
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(None),
        text => text.map_err(|why| Error::local(path.as_os_str().as_encoded_bytes(), why))?,
    };
    let profile = variable("AWS_PROFILE").unwrap_or_else(|| "default".to_owned());
    of_profile(&text, &profile)
}

/// The keys of one profile of an AWS credentials file.
fn of_profile(text: &str, profile: &str) -> Result<Option<AwsCredential>> {
    let value = |name: &str| value(text, profile, name).map(ToOwned::to_owned);
    match (value("aws_access_key_id"), value("aws_secret_access_key")) {
        (Some(key), Some(secret)) => checked(key, secret, value("aws_session_token")).map(Some),
        _ if value("credential_process").is_some() => Err(Error::refused(format!(
            "s3: credential_process of profile {profile:?} is not supported yet; {REMEDY}"
        ))),
        _ => Ok(None),
    }
}

fn value<'a>(text: &'a str, profile: &str, name: &str) -> Option<&'a str> {
    let mut section = "";
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
        if let Some(header) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = header.trim();
        } else if section == profile
            && let Some((key, value)) = line.split_once('=')
            && key.trim() == name
        {
            return Some(value.trim());
        }
    }
    None
}

fn of_the_cloud(variable: impl Fn(&str) -> Option<String>, region: &str) -> Result<Provider> {
    let retry = RetryConfig { max_retries: 1, ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new().with_bucket_name("unused").with_region(region).with_retry(retry);
    for (name, key) in OF_THE_CLOUD {
        if let Some(value) = variable(name) {
            builder = builder.with_config(key, value);
        }
    }
    let store = builder.build().map_err(none_found)?;
    Ok(Arc::clone(store.credentials()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "
        # comment
        [default]
        aws_access_key_id = one
        aws_secret_access_key=two=2
        [ other ]
        ; comment
        aws_access_key_id = three
        aws_secret_access_key = four
        aws_session_token = five
        [half]
        aws_access_key_id = six
        [process]
        credential_process = /bin/true
    ";

    fn parts(found: &AwsCredential) -> (&str, &str, Option<&str>) {
        (&found.key_id, &found.secret_key, found.token.as_deref())
    }

    #[test]
    fn a_profile_is_read_from_the_credentials_file() {
        let profile = |name| of_profile(FILE, name).unwrap();
        assert_eq!(profile("default").as_ref().map(parts), Some(("one", "two=2", None)));
        assert_eq!(profile("other").as_ref().map(parts), Some(("three", "four", Some("five"))));
        assert!(profile("half").is_none());
        assert!(profile("nobody").is_none());
        assert!(of_profile(FILE, "process").unwrap_err().to_string().contains("credential_process"));
    }

    #[test]
    fn half_a_pair_of_variables_is_refused_by_name() {
        let only = |set: &'static str| move |name: &str| (name == set).then(|| "x".to_owned());
        for (key, secret) in PAIRS {
            for set in [key, secret] {
                let error = of_pair(only(set), (key, secret)).unwrap_err().to_string();
                assert!(error.contains(key) && error.contains(secret), "{error}");
            }
        }
    }

    #[test]
    fn variables_come_before_the_file_and_the_file_before_the_cloud() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials");
        fs::write(&path, FILE).unwrap();
        let with = |set: &[(&str, &str)]| {
            let set: Vec<_> =
                set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let path = path.display().to_string();
            let variable = move |name: &str| match name {
                "AWS_SHARED_CREDENTIALS_FILE" => Some(path.clone()),
                _ => set.iter().find(|(set, _)| set == name).map(|(_, value)| value.clone()),
            };
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let found = runtime.block_on(find(variable, "region").unwrap().get_credential()).unwrap();
            found.key_id.clone()
        };
        assert_eq!(with(&[]), "one");
        assert_eq!(with(&[("AWS_PROFILE", "other")]), "three");
        assert_eq!(with(&[("AWS_ACCESS_KEY_ID", "seven"), ("AWS_SECRET_ACCESS_KEY", "x")]), "seven");
        assert_eq!(with(&[("MINIO_ACCESS_KEY", "eight"), ("MINIO_SECRET_KEY", "x")]), "eight");
    }

    #[test]
    fn secrets_are_in_no_message() {
        let error = checked("key".into(), "s3cret".into(), Some("t0ken\n".into())).unwrap_err();
        let shown =
            format!("{error} {:?}", checked("key".into(), "s3cret".into(), Some("t0ken".into())).unwrap());
        assert!(!shown.contains("s3cret") && !shown.contains("t0ken"), "{shown}");
    }

    #[test]
    fn roles_to_assume_are_refused_by_name() {
        let variable = |name: &str| (name == "RESTIC_AWS_ASSUME_ROLE_ARN").then(|| "arn".to_owned());
        let error = find(variable, "region").map(drop).unwrap_err();
        assert!(error.to_string().contains("RESTIC_AWS_ASSUME_ROLE_ARN"));
    }
}
