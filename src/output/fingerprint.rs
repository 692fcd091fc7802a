//! Names findings so that a later run calls the same finding the same, wherever its line has moved to.

use std::collections::HashMap;

use super::Report;

/// A fingerprint for each finding of a report, in its order: 32 hexadecimal digits, each different.
///
/// It is made of the rule (and its topic), the file's path in the repository, the text that is marked, and a count
/// where all these are the same; of no line number. No secret is in it: the report hides them before, and a digest could be
/// searched for them.
pub fn fingerprints(report: &Report) -> Vec<String> {
    let mut seen: HashMap<u128, u128> = HashMap::new();
    report
        .findings
        .iter()
        .map(|finding| {
            let diagnostic = &finding.diagnostic;
            let at = diagnostic.location;
            let text = report.source(at.file).map(|source| source.text(at.span)).unwrap_or_default();
            let path = report.path_in_repository(at.file);
            let digest = digest(&[diagnostic.rule, diagnostic.topic, &path, &text]);
            let nth = seen.entry(digest).or_default();
            *nth += 1;
            format!("{:032x}", fnv(digest, &nth.to_be_bytes()))
        })
        .collect()
}

/// Parts that are joined differently have different digests.
fn digest(parts: &[&str]) -> u128 {
    parts.iter().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |digest, part| {
        // No UTF-8 holds this byte.
        fnv(fnv(digest, part.as_bytes()), &[0xff])
    })
}

/// FNV-1a with 128 bits, which stays the same from release to release. Nobody gains by a collision here.
fn fnv(digest: u128, bytes: &[u8]) -> u128 {
    bytes.iter().fold(digest, |digest, byte| {
        (digest ^ u128::from(*byte)).wrapping_mul(0x0100_0000_0000_0000_0000_013b)
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::World;
    use super::*;
    use crate::model::{Diagnostic, FileKind, Severity};

    fn of(text: &str, marks: &[(&'static str, &str)]) -> Vec<String> {
        let mut world = World::new();
        let file = world.file("config/puma.rb", FileKind::Puma, text);
        for (rule, needle) in marks {
            let at = world.at(file, needle);
            world.find(Diagnostic::new(rule, Severity::Error, at, "m"));
        }
        fingerprints(&world.report())
    }

    #[test]
    fn lines_may_move_and_rules_texts_and_repetitions_differ() {
        let before =
            of("daemonize\nport 1", &[("a", "daemonize"), ("a", "port"), ("b", "port"), ("b", "port")]);
        let after = of(
            "\n# é\ndaemonize\n\nport 1",
            &[("a", "daemonize"), ("a", "port"), ("b", "port"), ("b", "port")],
        );
        assert_eq!(before, after);
        let mut different = before.clone();
        different.sort();
        different.dedup();
        assert_eq!(different.len(), 4);
        assert!(before.iter().all(|print| print.len() == 32));
    }

    #[test]
    fn it_never_changes() {
        // Code scanning services remember it from one release of ours to the next.
        assert_eq!(
            of("daemonize", &[("removed-directive", "daemonize")]),
            ["bb78b086740d126d9bd8972fad37935a"]
        );
    }
}
