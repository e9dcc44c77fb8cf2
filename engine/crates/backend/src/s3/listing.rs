//! Listings, page by page, in both versions of the API.

use holdfast_format::{FileType, Id, Result};
use reqwest::Method;

use super::address::Address;
use super::answers::{Object, Page};
use super::requests::{Requests, accept, unusable};
use crate::Listed;
use crate::http::Call;

/// Every file of the call's kind.
pub fn list(requests: &Requests, address: &Address, old: bool, call: Call) -> Result<Vec<Listed>> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = page(requests, address, old, call, after.as_deref())?;
        found.extend(page.contents.iter().filter_map(listed));
        let next = page.next().map(ToOwned::to_owned);
        if next.is_none() {
            return Ok(found);
        }
        if next == after {
            return Err(unusable(call, "the listing does not come to an end"));
        }
        after = next;
    }
}

fn page(requests: &Requests, address: &Address, old: bool, call: Call, after: Option<&str>) -> Result<Page> {
    let prefix = address.key(&format!("{}/", call.kind.folder()));
    let mut query = vec![("prefix", prefix.as_str())];
    if call.kind != FileType::Pack {
        query.push(("delimiter", "/"));
    }
    if !old {
        query.push(("list-type", "2"));
    }
    query.extend(after.map(|after| (if old { "marker" } else { "continuation-token" }, after)));
    let mut xml = Vec::new();
    let reply = requests.ask(call, Method::GET, address.bucket(&query), &mut xml)?;
    accept(&reply, call, &xml)?;
    Page::parse(&xml).map_err(|why| unusable(call, format!("not a listing of S3: {why}")))
}

/// `None` for what is no file of ours.
fn listed(object: &Object) -> Option<Listed> {
    let name = object.key.rsplit('/').next()?;
    Some(Listed { id: Id::parse(name.as_bytes())?, size: object.size })
}
