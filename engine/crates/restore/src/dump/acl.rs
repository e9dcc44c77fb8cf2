//! Access lists of Linux as text, the way archives carry them. Pure.

/// `user::rw-`, one entry a line; `None` for what is no access list of version 2.
pub fn text(acl: &[u8]) -> Option<String> {
    let (version, entries) = acl.split_first_chunk()?;
    let (entries, rest) = entries.as_chunks::<8>();
    if u32::from_le_bytes(*version) != 2 || !rest.is_empty() {
        return None;
    }
    entries.iter().copied().map(line).collect()
}

fn line(entry: [u8; 8]) -> Option<String> {
    let [tag, tag_high, permissions, _, id @ ..] = entry;
    let id = u32::from_le_bytes(id);
    let who = match u16::from_le_bytes([tag, tag_high]) {
        0x01 => "user:".to_owned(),
        0x02 => format!("user:{id}"),
        0x04 => "group:".to_owned(),
        0x08 => format!("group:{id}"),
        0x10 => "mask:".to_owned(),
        0x20 => "other:".to_owned(),
        _ => return None,
    };
    let letter = |bit, letter| if permissions & bit == 0 { '-' } else { letter };
    Some(format!("{who}:{}{}{}\n", letter(4, 'r'), letter(2, 'w'), letter(1, 'x')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_become_lines() {
        let acl = b"\x02\0\0\0\x01\0\x06\0\xff\xff\xff\xff\x02\0\x04\0\x03\0\0\0\x10\0\x07\0\xff\xff\xff\xff";
        assert_eq!(text(acl).as_deref(), Some("user::rw-\nuser:3:r--\nmask::rwx\n"));
    }

    #[test]
    fn what_is_no_list_has_no_text() {
        for bad in
            [&b""[..], b"\x02\0", b"\x01\0\0\0", b"\x02\0\0\0\x01", b"\x02\0\0\0\0\0\x06\0\xff\xff\xff\xff"]
        {
            assert_eq!(text(bad), None, "{bad:?}");
        }
    }
}
