//! What holds for every pattern and every path.

use holdfast_filter::{Pattern, PatternList, Verdict, glob, path::clean};
use proptest::collection::vec;
use proptest::prelude::*;

fn component() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("**".to_owned()),
        Just("*".to_owned()),
        "[ab]",
        "[ab]{1,3}",
        "[ab*?]{1,3}",
        "\\[\\^?[ab]-?[ab]\\]"
    ]
}

fn pattern() -> impl Strategy<Value = String> {
    (prop::bool::ANY, vec(component(), 1..5))
        .prop_map(|(rooted, parts)| format!("{}{}", if rooted { "/" } else { "" }, parts.join("/")))
        .prop_filter("is right", |pattern| Pattern::parse(pattern.as_bytes()).is_some())
}

fn list() -> impl Strategy<Value = Vec<String>> {
    vec(
        (prop::bool::weighted(0.3), pattern())
            .prop_map(|(not, text)| if not { format!("!{text}") } else { text }),
        1..4,
    )
}

fn path() -> impl Strategy<Value = String> {
    vec("[ab]{1,3}", 1..6).prop_map(|names| format!("/{}", names.join("/")))
}

fn judge(patterns: &[String], path: &str) -> Verdict {
    PatternList::parse(patterns, false).expect("patterns are right").judge(path.as_bytes())
}

fn single(text: &str, path: &str) -> Verdict {
    Pattern::parse(text.as_bytes()).expect("pattern is right").judge(path.as_bytes())
}

proptest! {
    #[test]
    fn what_is_below_a_fit_fits(pattern in pattern(), path in path(), name in "[ab]{1,3}") {
        let above = single(&pattern, &path);
        let below = single(&pattern, &format!("{path}/{name}"));
        prop_assert!(!above.matched || below.matched);
    }

    #[test]
    fn whoever_skips_folders_misses_nothing(pattern in pattern(), path in path(), name in "[ab]{1,3}") {
        let below = single(&pattern, &format!("{path}/{name}"));
        prop_assert!(!below.matched || single(&pattern, &path).child_may_match);
        prop_assert!(!below.child_may_match || single(&pattern, &path).child_may_match);
    }

    #[test]
    fn a_list_is_its_patterns_in_order(patterns in list(), path in path()) {
        let mut expected = Verdict::default();
        for text in &patterns {
            let own = single(text, &path);
            expected = if text.starts_with('!') {
                Verdict {
                    matched: expected.matched && !own.matched,
                    child_may_match: expected.child_may_match && !own.matched,
                }
            } else {
                Verdict {
                    matched: expected.matched || own.matched,
                    child_may_match: expected.child_may_match || own.child_may_match,
                }
            };
        }
        prop_assert_eq!(judge(&patterns, &path), expected);
    }

    #[test]
    fn one_double_star_is_any_number_of_stars(before in "[ab]{1,2}", after in "[ab]{1,2}", path in path()) {
        let stars = |count| format!("/{before}{}/{after}", "/*".repeat(count));
        let any = (0..6).any(|count| single(&stars(count), &path).matched);
        prop_assert_eq!(single(&format!("/{before}/**/{after}"), &path).matched, any);
    }

    #[test]
    fn an_escaped_name_fits_only_itself(name in vec(any::<u8>(), 0..8), other in vec(any::<u8>(), 0..8)) {
        let escaped: Vec<u8> = name.iter().flat_map(|&byte| [b'\\', byte]).collect();
        prop_assert_eq!(glob::matches(&escaped, &name), Some(true));
        prop_assert_eq!(glob::matches(&escaped, &other), Some(name == other));
    }

    #[test]
    fn a_glob_fits_where_its_pieces_lie_in_order(pieces in vec("[ab]{0,2}", 2..4), fill in vec("[abc]{0,3}", 3)) {
        let name: String = pieces.iter().zip(&fill).flat_map(|(piece, fill)| [piece.as_str(), fill]).collect();
        prop_assert_eq!(glob::matches(format!("{}*", pieces.join("*")).as_bytes(), name.as_bytes()), Some(true));
        prop_assert_eq!(glob::matches(format!("{}d", pieces.join("*")).as_bytes(), name.as_bytes()), Some(false));
    }

    #[test]
    fn any_bytes_are_read_or_refused(pattern in vec(any::<u8>(), 1..20), path in vec(any::<u8>(), 0..20), fold: bool) {
        if let Ok(list) = PatternList::parse(&[&pattern], fold) {
            list.judge(&path);
        }
    }

    #[test]
    fn cleaning_twice_is_cleaning_once(path in "[./a]{0,12}") {
        let once = clean(path.as_bytes());
        prop_assert_eq!(clean(&once), once);
    }

    #[test]
    fn case_does_not_count_when_ignored(pattern in pattern(), path in path()) {
        let ignoring = PatternList::parse(&[pattern.to_uppercase()], true).expect("pattern is right");
        prop_assert_eq!(ignoring.judge(path.to_uppercase().as_bytes()), judge(&[pattern], &path));
    }
}
