//! In which region a bucket is: part of every signature.

use holdfast_format::{FileType, Result};
use reqwest::header::HeaderName;
use reqwest::{Method, Request};
use url::Url;

use super::Place;
use super::address::{Address, Lookup, is_amazon};
use crate::http::{Call, Contents, Http};
use crate::options::Extended;

/// Where servers are that do not care.
pub const STANDARD: &str = "us-east-1";
const HEADER: HeaderName = HeaderName::from_static("x-amz-bucket-region");

/// By option, by variable, by the host's name, or as Amazon says.
pub fn find(
    place: Place,
    extended: &Extended,
    variable: impl Fn(&str) -> Option<String>,
    http: &Http,
) -> Result<String> {
    let named = Some(extended.text("s3.region").to_owned())
        .filter(|region| !region.is_empty())
        .or_else(|| variable("AWS_DEFAULT_REGION"))
        .or_else(|| variable("AWS_REGION"))
        .or_else(|| of_host(place.endpoint));
    named.map_or_else(|| asked(place, http), Ok)
}

/// The endpoint of that region, where one endpoint stands for all.
pub fn endpoint(endpoint: &str, region: &str) -> String {
    if is_any(endpoint) { format!("https://s3.{region}.amazonaws.com") } else { endpoint.to_owned() }
}

/// Amazon tells even strangers.
fn asked(place: Place, http: &Http) -> Result<String> {
    if !is_any(place.endpoint) {
        return Ok(STANDARD.to_owned());
    }
    let call = Call { operation: "open", what: place.bucket, kind: FileType::Config };
    let url = Address::new(place.endpoint, place.bucket, "", Lookup::Path)?.bucket(&[]);
    let reply = http.exchange(call, Request::new(Method::HEAD, url), Contents::NONE, &mut Vec::new())?;
    Ok(reply.header(HEADER).unwrap_or(STANDARD).to_owned())
}

/// `s3.eu-central-1.amazonaws.com` and `s3-eu-central-1.amazonaws.com` say their region.
fn of_host(endpoint: &str) -> Option<String> {
    let url = Url::parse(endpoint).ok()?;
    let host = url.host_str().filter(|host| is_amazon(host))?;
    let name = host.strip_prefix("s3.").or_else(|| host.strip_prefix("s3-"))?;
    let name = name.strip_prefix("dualstack.").unwrap_or(name);
    let region = name.strip_suffix(".cn").unwrap_or(name).strip_suffix(".amazonaws.com")?;
    (!region.contains('.')).then(|| region.to_owned())
}

/// Amazon's one address for all regions: the bucket knows which is its own.
fn is_any(endpoint: &str) -> bool {
    Url::parse(endpoint).is_ok_and(|url| url.host_str() == Some("s3.amazonaws.com"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_hosts_say_their_region() {
        let region = |host: &str| of_host(&format!("https://{host}"));
        assert_eq!(region("s3.eu-central-1.amazonaws.com").as_deref(), Some("eu-central-1"));
        assert_eq!(region("s3-us-west-2.amazonaws.com").as_deref(), Some("us-west-2"));
        assert_eq!(region("s3.dualstack.us-west-2.amazonaws.com").as_deref(), Some("us-west-2"));
        assert_eq!(region("s3.cn-north-1.amazonaws.com.cn").as_deref(), Some("cn-north-1"));
        assert_eq!(region("s3.amazonaws.com"), None);
        assert_eq!(region("s3.host.example"), None);
        assert!(is_any("https://s3.amazonaws.com"));
        assert!(!is_any("https://s3.eu-central-1.amazonaws.com"));
    }

    #[test]
    fn the_address_for_all_regions_becomes_that_of_one() {
        assert_eq!(endpoint("https://s3.amazonaws.com", "eu-west-1"), "https://s3.eu-west-1.amazonaws.com");
        assert_eq!(endpoint("http://host:9000", "eu-west-1"), "http://host:9000");
    }
}
