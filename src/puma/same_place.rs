//! Whether two paths name one file on the server.

use super::evaluate::paths;
use crate::model::{Piece, Text};

/// What comparing two paths can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// One file.
    Same,
    /// Two files, whatever the holes hold.
    Different,
    /// It depends on something that isn't known.
    Undecidable,
}

/// Compares two absolute paths, holes included. Symmetric.
pub fn compare(a: &Text, b: &Text) -> Verdict {
    compare_linked(a, b, None)
}

/// The same, where it is known which folders every release shares (`linked_dirs`).
pub fn compare_linked(a: &Text, b: &Text, links: Option<&[String]>) -> Verdict {
    let (a, b) = (canonical(a), canonical(b));
    if let (Some(a), Some(b)) = (a.as_known(), b.as_known()) {
        return match (a == b, linked(a, b)) {
            (true, _) => Verdict::Same,
            (_, true) => links.and_then(|links| shared_by_links(a, b, links)).unwrap_or(Verdict::Undecidable),
            _ => Verdict::Different,
        };
    }
    if a == b && a.is_comparable() {
        return Verdict::Same;
    }
    if let (Some(a), Some(b)) = (below_root(&a), below_root(&b)) {
        return if a == b { Verdict::Same } else { Verdict::Different };
    }
    if let Some(verdict) = below_one_hole(&a, &b) {
        return verdict;
    }
    if conflict(&a, &b) { Verdict::Different } else { Verdict::Undecidable }
}

/// `/var/run` is a link to `/run` on every system with systemd.
fn canonical(path: &Text) -> Text {
    let path = paths::normalize(path).unwrap_or_else(|| path.clone());
    match path.as_known().and_then(|known| known.strip_prefix("/var/run/")) {
        Some(rest) => Text::known(format!("/run/{rest}")),
        None => path,
    }
}

/// Compares what stands below one and the same hole of a template, which then is any folder.
fn below_one_hole(a: &Text, b: &Text) -> Option<Verdict> {
    let rest = |path: &Text| match path.pieces() {
        [Piece::Hole(_)] => Some(String::new()),
        [Piece::Hole(_), Piece::Literal(rest)] => Some(rest.clone()),
        _ => None,
    };
    let same = a.is_comparable() && a.pieces().first() == b.pieces().first();
    let (a, b) = (rest(a)?, rest(b)?);
    if !same || !a.is_empty() && !a.starts_with('/') || !b.is_empty() && !b.starts_with('/') {
        return None;
    }
    Some(if linked(&format!("/x{a}"), &format!("/x{b}")) { Verdict::Undecidable } else { Verdict::Different })
}

/// What stands below the app's root, where the root itself isn't known.
fn below_root(path: &Text) -> Option<&str> {
    match path.pieces() {
        [Piece::Root] => Some(""),
        [Piece::Root, Piece::Literal(rest)] => Some(rest),
        _ => None,
    }
}

/// Whether two different paths of one Capistrano tree may be linked to each other:
/// `current/X`, `shared/X` and `releases/N/X`, and `shared/pids`, the older home of `tmp/pids`.
fn linked(a: &str, b: &str) -> bool {
    match (deployed(a), deployed(b)) {
        // Within `shared` nothing is linked.
        (Some((a_tree, a_rest)), Some((b_tree, b_rest))) => {
            a_tree == b_tree && a_rest == b_rest && !(is_shared(a) && is_shared(b))
        }
        _ => false,
    }
}

fn is_shared(path: &str) -> bool {
    path.contains("/shared/") && !path.contains("/current/")
}

/// Whether `current/X` and `shared/X` are one place, as one of the shared folders is around X or not.
fn shared_by_links(a: &str, b: &str, links: &[String]) -> Option<Verdict> {
    let below = |path: &str, mark: &str| path.split_once(mark).map(|(_, rest)| rest.to_owned());
    let current = below(a, "/current/").or_else(|| below(b, "/current/"))?;
    let shared = below(a, "/shared/").or_else(|| below(b, "/shared/"))?;
    let around = |folder: &String| current.strip_prefix(&**folder).is_some_and(|rest| rest.starts_with('/'));
    (current == shared).then(|| if links.iter().any(around) { Verdict::Same } else { Verdict::Different })
}

/// The deploy root and what stands below `current`, `shared` or a release.
fn deployed(path: &str) -> Option<(&str, String)> {
    let (tree, rest) =
        ["/current/", "/shared/"].iter().find_map(|mark| path.split_once(mark)).or_else(|| {
            let (tree, rest) = path.split_once("/releases/")?;
            Some((tree, rest.split_once('/')?.1))
        })?;
    let rest = rest.strip_prefix("pids/").map_or_else(|| rest.to_owned(), |name| format!("tmp/pids/{name}"));
    Some((tree, rest))
}

/// Whether the known beginnings or ends already differ.
fn conflict(a: &Text, b: &Text) -> bool {
    let (a_start, b_start) = (a.known_start(), b.known_start());
    let shortest = a_start.len().min(b_start.len());
    let starts_differ = a_start.as_bytes()[..shortest] != b_start.as_bytes()[..shortest];
    let (a_end, b_end) = (known_end(a), known_end(b));
    let shortest = a_end.len().min(b_end.len());
    let ends_differ =
        a_end.as_bytes()[a_end.len() - shortest..] != b_end.as_bytes()[b_end.len() - shortest..];
    // Of two holes, each may hold a part of what the other path says.
    let (a_tree, b_tree) = (deployed(a_end), deployed(b_end));
    if let (Some((_, a)), Some((_, b))) = (&a_tree, &b_tree)
        && a == b
    {
        return starts_differ && !may_be_linked(a_start, b_start);
    }
    // In one deploy tree, the part between root and file name may be a link.
    let names_differ = file_name(a_end) != file_name(b_end) && a_end.contains('/') && b_end.contains('/');
    starts_differ && !may_be_linked(a_start, b_start)
        || ends_differ && (names_differ || !mentions_links(a, b))
}

fn known_end(text: &Text) -> &str {
    match text.pieces().last() {
        Some(Piece::Literal(text)) => text,
        _ => "",
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn may_be_linked(a: &str, b: &str) -> bool {
    match (
        a.split_once("/current/").or(a.split_once("/shared/")),
        b.split_once("/current/").or(b.split_once("/shared/")),
    ) {
        (Some((a, _)), Some((b, _))) => a == b,
        _ => false,
    }
}

/// Whether a path runs through a folder that deploy tools link `tmp/pids` to.
fn mentions_links(a: &Text, b: &Text) -> bool {
    let pids = |text: &Text| known_end(text).contains("/pids/");
    pids(a) && pids(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(rest: &str) -> Text {
        Text::from_iter([Piece::Root, Piece::Literal(rest.into())])
    }

    fn hole(which: u32, rest: &str) -> Text {
        Text::known(format!("{}{rest}", char::from_u32(0x100000 + which).unwrap()))
    }

    fn env(rest: &str) -> Text {
        Text::from_iter([Piece::Env("DIR".into()), Piece::Literal(rest.into())])
    }

    #[test]
    fn comparing_is_symmetric_and_reports_only_what_surely_differs() {
        use Verdict::{Different, Same, Undecidable};
        let known = |text: &str| Text::known(text);
        let table = [
            (known("/run/a.pid"), known("/var/run/a.pid"), Same),
            (known("/a//b/./c"), known("/a/b/c"), Same),
            (known("/srv/x/current/tmp/pids/p.pid"), known("/srv/x/shared/tmp/pids/p.pid"), Undecidable),
            (known("/srv/x/current/tmp/pids/p.pid"), known("/srv/x/shared/pids/p.pid"), Undecidable),
            (known("/srv/x/current/tmp/pids/p.pid"), known("/srv/x/shared/p.pid"), Different),
            (known("/srv/x/shared/tmp/pids/p.pid"), known("/srv/x/shared/pids/p.pid"), Different),
            (hole(1, "/shared/tmp/pids/p.pid"), hole(1, "/shared/pids/p.pid"), Different),
            (known("/srv/x/current/p.pid"), known("/srv/y/shared/p.pid"), Different),
            (root("/tmp/pids/p.pid"), known("/srv/x/tmp/pids/p.pid"), Undecidable),
            (root("/tmp/pids/p.pid"), known("/srv/x/shared/pids/p.pid"), Undecidable),
            (root("/tmp/pids/p.pid"), known("/srv/x/shared/q.pid"), Different),
            (root("/a"), root("/a"), Same),
            (root("/a"), root("/b"), Different),
            (env("/p.pid"), known("/srv/p.pid"), Undecidable),
            (env("/p.pid"), known("/srv/q.pid"), Different),
            (env("/p.pid"), env("/p.pid"), Same),
            (hole(1, "/p.pid"), hole(1, "/p.pid"), Same),
            (hole(1, ""), hole(1, ""), Same),
            (hole(0, "/p.pid"), hole(0, "/p.pid"), Undecidable),
            (hole(1, "/p.pid"), hole(1, "/q.pid"), Different),
            (hole(1, "/a/p.pid"), hole(1, "/b/p.pid"), Different),
            (hole(1, ".pid"), hole(1, "/p.pid"), Undecidable),
            (hole(1, "/shared/p.pid"), hole(1, "/current/p.pid"), Undecidable),
            (hole(1, "/shared/p.pid"), hole(2, "/current/p.pid"), Undecidable),
            (hole(1, "/p.pid"), hole(2, "/p.pid"), Undecidable),
            (hole(1, "/p.pid"), hole(2, "/tmp/p.pid"), Undecidable),
            (hole(1, ""), hole(2, "/p.pid"), Undecidable),
            (hole(1, "/p.pid"), known("/srv/p.pid"), Undecidable),
            (hole(1, "/p.pid"), known("/srv/q.pid"), Different),
        ];
        for (a, b, verdict) in table {
            assert_eq!(compare(&a, &b), verdict, "{a:?} {b:?}");
            assert_eq!(compare(&b, &a), verdict, "{b:?} {a:?}");
        }
    }

    #[test]
    fn folders_that_releases_share_are_one_place() {
        let links = |links: &[&str]| links.iter().map(|link| (*link).to_owned()).collect::<Vec<_>>();
        for (a, b, shared, verdict) in [
            (
                "/s/current/tmp/pids/p.pid",
                "/s/shared/tmp/pids/p.pid",
                links(&["log", "tmp/pids"]),
                Verdict::Same,
            ),
            ("/s/current/tmp/pids/p.pid", "/s/shared/tmp/pids/p.pid", links(&["tmp"]), Verdict::Same),
            (
                "/s/current/tmp/pids/p.pid",
                "/s/shared/tmp/pids/p.pid",
                links(&["log", "tmp/pid"]),
                Verdict::Different,
            ),
            ("/s/current/tmp/pids/p.pid", "/s/shared/tmp/pids/p.pid", links(&[]), Verdict::Different),
            ("/s/current/tmp/pids/p.pid", "/s/shared/pids/p.pid", links(&[]), Verdict::Undecidable),
            ("/s/current/tmp/pids/p.pid", "/s/releases/1/tmp/pids/p.pid", links(&[]), Verdict::Undecidable),
            ("/s/current/p.pid", "/t/shared/p.pid", links(&["."]), Verdict::Different),
        ] {
            let (a, b) = (Text::known(a), Text::known(b));
            assert_eq!(compare_linked(&a, &b, Some(&shared)), verdict, "{a:?} {b:?}");
            assert_eq!(compare_linked(&b, &a, Some(&shared)), verdict, "{b:?} {a:?}");
        }
    }

    fn place() -> impl proptest::strategy::Strategy<Value = Text> {
        use proptest::prelude::*;
        let piece = prop_oneof![
            prop::sample::select(vec![
                "/srv/x",
                "/srv/y",
                "/current",
                "/shared",
                "/releases/1",
                "/tmp/pids",
                "/pids",
                "/..",
                "/.",
                "//",
                "/p.pid",
                "/q.pid",
                "/run",
                "/var/run",
                "p",
            ])
            .prop_map(|text| Piece::Literal(text.to_owned())),
            Just(Piece::Env("DIR".into())),
            Just(Piece::Unknown("why".into())),
        ];
        (any::<bool>(), prop::collection::vec(piece, 1..5)).prop_map(|(below_root, pieces)| {
            below_root.then_some(Piece::Root).into_iter().chain(pieces).collect()
        })
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, cases: 2000, ..Default::default() })]

        #[test]
        fn comparing_is_a_law(a in place(), b in place()) {
            proptest::prop_assert_eq!(compare(&a, &b), compare(&b, &a));
            proptest::prop_assert_ne!(compare(&a, &a), Verdict::Different);
        }

        #[test]
        fn what_a_deploy_may_link_is_never_different(
            rest in "(tmp/pids|log|tmp)/[a-z]{1,5}\\.pid",
            one in "current|shared|releases/[0-9]{1,3}",
            other in "current|shared|releases/[0-9]{1,3}",
        ) {
            let path = |part: &str| Text::known(format!("/srv/app/{part}/{rest}"));
            proptest::prop_assert_ne!(compare(&path(&one), &path(&other)), Verdict::Different);
        }
    }
}
