//! Bundler's lock file (`Gemfile.lock`, `gems.locked`): which release of a gem is installed.
//!
//! Bundler writes the file, so its layout is fixed: a section's name at the start of a line,
//! `name (version-platform)` four spaces in, what that gem needs six spaces in. People only damage it,
//! mostly with a merge; then everything that can be read is read, and the damage is a [`LockProblem`].

use std::fmt;

use crate::model::Span;

/// What a lock file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// Every locked gem, in the file's order. One gem stands here once for each platform.
    pub gems: Vec<LockedGem>,
    /// The version below `RUBY VERSION`, without its patch level (`3.1.2` of `ruby 3.1.2p20`).
    pub ruby: Option<(String, Span)>,
    /// The version below `BUNDLED WITH`.
    pub bundler: Option<(String, Span)>,
    /// What is wrong with the file.
    pub problems: Vec<LockProblem>,
}

/// One gem, locked to one version for one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedGem {
    /// The gem's name.
    pub name: String,
    /// The version, without the platform: `6.4.2` of `6.4.2-java`.
    pub version: String,
    /// Where the version stands.
    pub span: Span,
    /// The platform, where the file names one.
    pub platform: Option<String>,
    /// Where the gem comes from.
    pub origin: GemOrigin,
    /// Which Puma it needs, as its gemspec says (`>= 6.1, < 8.0`), and where that stands.
    pub needs_puma: Option<(String, Span)>,
}

/// Where a gem comes from. A version from `Git` or `Path` is what its gemspec claims: the code may be any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GemOrigin {
    /// A gem server: a release as everyone has it.
    Server,
    /// A git repository.
    Git,
    /// A folder.
    Path,
}

/// What is wrong with a lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockProblem {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: LockProblemKind,
}

/// The ways in which a lock file is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockProblemKind {
    /// Both sides of a merge stand in it; Bundler refuses it.
    MergeConflict,
    /// It has no section of a lock file at all.
    NotALock,
}

impl fmt::Display for LockProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LockProblemKind::MergeConflict => "a merge conflict that nobody has resolved",
            LockProblemKind::NotALock => "not a lock file of Bundler: it has none of its sections",
        })
    }
}

/// The sections that matter here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Gems(GemOrigin),
    Ruby,
    Bundler,
    Other,
}

/// Every section that Bundler writes, by the line that opens it.
const SECTIONS: &[(&str, Section)] = &[
    ("GEM", Section::Gems(GemOrigin::Server)),
    ("GIT", Section::Gems(GemOrigin::Git)),
    ("PATH", Section::Gems(GemOrigin::Path)),
    ("PLUGIN SOURCE", Section::Other),
    ("PLATFORMS", Section::Other),
    ("DEPENDENCIES", Section::Other),
    ("CHECKSUMS", Section::Other),
    ("RUBY VERSION", Section::Ruby),
    ("BUNDLED WITH", Section::Bundler),
];

impl Lock {
    /// Reads a lock file. What cannot be read is passed over.
    pub fn parse(bytes: &[u8]) -> Lock {
        let mut lock = Lock::default();
        let mut section = None;
        // Where the conflict that is open began.
        let mut conflict = None;
        let mut next = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        for raw in bytes[next..].split_inclusive(|byte| *byte == b'\n') {
            let start = next;
            next += raw.len();
            // Names and versions are ASCII: a line that is not even UTF-8 holds none.
            let Ok(line) = std::str::from_utf8(raw) else { continue };
            let line = line.trim_end();
            match conflict_marker(line) {
                Some(Marker::Begin) => {
                    conflict.get_or_insert(start);
                }
                Some(Marker::End) => {
                    let span = Span::new(conflict.take().unwrap_or(start), start + line.len());
                    lock.problems.push(LockProblem { span, kind: LockProblemKind::MergeConflict });
                }
                Some(Marker::Between) => {}
                None if !line.starts_with([' ', '\t']) => {
                    if let Some((_, found)) = SECTIONS.iter().find(|(name, _)| *name == line) {
                        section = Some(*found);
                    } else if !line.is_empty() {
                        // A section of a later Bundler.
                        section = section.map(|_| Section::Other);
                    }
                }
                None => match section {
                    Some(Section::Gems(origin)) => match (needed_puma(line, start), lock.gems.last_mut()) {
                        (Some(need), Some(gem)) => gem.needs_puma = Some(need),
                        _ => lock.gems.extend(locked_gem(line, start, origin)),
                    },
                    Some(Section::Ruby) if lock.ruby.is_none() => lock.ruby = ruby_version(line, start),
                    Some(Section::Bundler) if lock.bundler.is_none() => {
                        let version = line.trim_start();
                        let from = start + line.len() - version.len();
                        lock.bundler = Some((version.to_owned(), Span::new(from, start + line.len())));
                    }
                    _ => {}
                },
            }
        }
        if let Some(start) = conflict {
            let span = Span::new(start, bytes.len());
            lock.problems.push(LockProblem { span, kind: LockProblemKind::MergeConflict });
        }
        if section.is_none() && lock.problems.is_empty() {
            lock.problems.push(LockProblem { span: Span::at(0), kind: LockProblemKind::NotALock });
        }
        lock
    }

    /// The gem of that name, if the file says clearly which version it is: where entries disagree
    /// (the sides of a merge), the ones without a platform decide; if they disagree too, nobody does.
    pub fn gem(&self, name: &str) -> Option<&LockedGem> {
        let entries: Vec<_> = self.entries(name).collect();
        agreed(&entries).or_else(|| {
            let plain: Vec<_> = entries.into_iter().filter(|gem| gem.platform.is_none()).collect();
            agreed(&plain)
        })
    }

    /// Every entry for the gem of that name: several where platforms differ or a merge went wrong.
    pub fn entries<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a LockedGem> {
        self.gems.iter().filter(move |gem| gem.name == name)
    }
}

/// The first of the entries, if all are of one version.
fn agreed<'a>(entries: &[&'a LockedGem]) -> Option<&'a LockedGem> {
    let first = entries.first()?;
    entries.iter().all(|gem| gem.version == first.version).then_some(first)
}

enum Marker {
    Begin,
    Between,
    End,
}

/// What git writes at the start of a line where two sides disagree.
fn conflict_marker(line: &str) -> Option<Marker> {
    const MARKERS: [(&str, Marker); 4] = [
        ("<<<<<<<", Marker::Begin),
        ("|||||||", Marker::Between),
        ("=======", Marker::Between),
        (">>>>>>>", Marker::End),
    ];
    MARKERS.into_iter().find(|(text, _)| line.starts_with(text)).map(|(_, marker)| marker)
}

/// `    puma (6.4.2-java)`: four spaces in, not more.
fn locked_gem(line: &str, start: usize, origin: GemOrigin) -> Option<LockedGem> {
    let entry = line.strip_prefix("    ").filter(|rest| !rest.starts_with([' ', '\t']))?;
    let (name, rest) = entry.split_once(" (")?;
    let (locked, _) = rest.split_once(')')?;
    let (version, platform) = match locked.split_once('-') {
        Some((version, platform)) => (version, Some(platform.to_owned())),
        None => (locked, None),
    };
    if !version.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let from = start + "    ".len() + name.len() + " (".len();
    Some(LockedGem {
        name: name.to_owned(),
        version: version.to_owned(),
        span: Span::new(from, from + version.len()),
        platform,
        origin,
        needs_puma: None,
    })
}

/// `      puma (>= 6.1, < 8.0)`: what the gem above needs.
fn needed_puma(line: &str, start: usize) -> Option<(String, Span)> {
    const BEFORE: &str = "      puma (";
    let requirement = line.strip_prefix(BEFORE)?.strip_suffix(')')?;
    let from = start + BEFORE.len();
    Some((requirement.to_owned(), Span::new(from, from + requirement.len())))
}

/// `   ruby 3.1.2p20 (jruby 9.4.0.0)`: the version that the language has, without the patch level.
fn ruby_version(line: &str, start: usize) -> Option<(String, Span)> {
    let rest = line.trim_start().strip_prefix("ruby ")?;
    let from = start + line.len() - rest.len();
    let word = rest.split(' ').next().unwrap_or_default();
    let version = match word.rsplit_once('p') {
        Some((version, level)) if !level.is_empty() && level.bytes().all(|b| b.is_ascii_digit()) => version,
        _ => word,
    };
    version
        .starts_with(|first: char| first.is_ascii_digit())
        .then(|| (version.to_owned(), Span::new(from, from + version.len())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LOCK: &str = "\
GIT
  remote: https://github.com/puma/puma.git
  revision: 0123456
  branch: main
  specs:
    puma (7.0.0.pre1)
      nio4r (~> 2.0)

PATH
  remote: engines/shop
  specs:
    shop (0.1.0)
      puma (>= 5)

GEM
  remote: https://rubygems.org/
  specs:
    nio4r (2.7.3)
    nio4r (2.7.3-java)
    puma_worker_killer (0.3.1)
      puma (>= 2.7)

PLATFORMS
  java
  ruby

DEPENDENCIES
  puma (~> 7)!

CHECKSUMS
  puma (9.9.9) sha256=00

RUBY VERSION
   ruby 3.1.2p20

BUNDLED WITH
   2.5.6
";

    fn version<'a>(lock: &'a Lock, name: &str) -> Option<&'a str> {
        lock.entries(name).next()?;
        lock.gems.iter().find(|gem| Some(*gem) == lock.gem(name)).map(|gem| gem.version.as_str())
    }

    #[test]
    fn every_section_with_gems_is_read_and_needs_are_not() {
        let lock = Lock::parse(LOCK.as_bytes());
        let names: Vec<_> = lock.gems.iter().map(|gem| (gem.name.as_str(), gem.origin)).collect();
        assert_eq!(
            names,
            [
                ("puma", GemOrigin::Git),
                ("shop", GemOrigin::Path),
                ("nio4r", GemOrigin::Server),
                ("nio4r", GemOrigin::Server),
                ("puma_worker_killer", GemOrigin::Server),
            ]
        );
        assert_eq!(version(&lock, "puma"), Some("7.0.0.pre1"));
        let needs: Vec<_> =
            lock.gems.iter().filter_map(|gem| Some((&*gem.name, gem.needs_puma.as_ref()?))).collect();
        let needs: Vec<_> =
            needs.iter().map(|(name, (text, span))| (*name, &**text, &LOCK[span.range()])).collect();
        assert_eq!(needs, [("shop", ">= 5", ">= 5"), ("puma_worker_killer", ">= 2.7", ">= 2.7")]);
        assert_eq!(version(&lock, "rails"), None);
        assert_eq!(lock.problems, []);
    }

    #[test]
    fn spans_cover_the_versions() {
        for text in [LOCK.to_owned(), LOCK.replace('\n', "\r\n"), format!("\u{feff}{LOCK}")] {
            let lock = Lock::parse(text.as_bytes());
            assert_eq!(lock.gems.len(), 5, "{text:?}");
            for gem in &lock.gems {
                assert_eq!(text[gem.span.range()], gem.version);
            }
            let (ruby, span) = lock.ruby.unwrap();
            assert_eq!((ruby.as_str(), &text[span.range()]), ("3.1.2", "3.1.2"));
            let (bundler, span) = lock.bundler.unwrap();
            assert_eq!((bundler.as_str(), &text[span.range()]), ("2.5.6", "2.5.6"));
        }
    }

    #[test]
    fn a_platform_is_not_part_of_the_version() {
        let lock = Lock::parse(b"GEM\n  specs:\n    puma (6.4.2-java)\n    g (1.16.0-x86_64-linux-gnu)\n");
        assert_eq!(version(&lock, "puma"), Some("6.4.2"));
        assert_eq!(lock.gems[0].platform.as_deref(), Some("java"));
        assert_eq!(lock.gems[1].platform.as_deref(), Some("x86_64-linux-gnu"));
    }

    #[test]
    fn an_unresolved_merge_is_a_problem_and_decides_nothing() {
        let text = "GEM\n  specs:\n<<<<<<< HEAD\n    puma (5.6.8)\n=======\n    puma (6.4.2)\n>>>>>>> topic\n    rack (3.0.8)\n";
        let lock = Lock::parse(text.as_bytes());
        assert_eq!(lock.gem("puma"), None);
        assert_eq!(lock.entries("puma").count(), 2);
        assert_eq!(version(&lock, "rack"), Some("3.0.8"));
        let [problem] = &lock.problems[..] else { panic!("{:?}", lock.problems) };
        assert_eq!(problem.kind, LockProblemKind::MergeConflict);
        assert!(text[problem.span.range()].starts_with("<<<<<<< HEAD\n"));
        assert!(text[problem.span.range()].ends_with("\n>>>>>>> topic"));

        let open = Lock::parse(b"GEM\n  specs:\n<<<<<<< HEAD\n    puma (5.6.8)\n");
        assert_eq!(open.problems.len(), 1);
    }

    #[test]
    fn platforms_may_disagree_and_the_plain_one_decides() {
        let lock = Lock::parse(b"GEM\n  specs:\n    puma (6.4.1-java)\n    puma (6.4.2)\n");
        assert_eq!(version(&lock, "puma"), Some("6.4.2"));
    }

    #[test]
    fn ruby_versions_of_all_kinds() {
        for (line, want) in [
            ("   ruby 3.1.2p20", Some("3.1.2")),
            ("   ruby 3.4.1", Some("3.4.1")),
            ("   ruby 3.5.0.preview1", Some("3.5.0.preview1")),
            ("   ruby 3.1.4p0 (jruby 9.4.5.0)", Some("3.1.4")),
            ("   ruby ", None),
            ("   truffle", None),
        ] {
            let lock = Lock::parse(format!("RUBY VERSION\n{line}\n").as_bytes());
            assert_eq!(lock.ruby.map(|(version, _)| version).as_deref(), want, "{line}");
        }
    }

    #[test]
    fn something_else_is_not_a_lock() {
        for text in ["", "\n", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"] {
            assert_eq!(Lock::parse(text.as_bytes()).problems[0].kind, LockProblemKind::NotALock, "{text}");
        }
        assert_eq!(Lock::parse(b"GEM\n  specs:\n\nSOMETHING NEW\n    puma (1.0)\n").gems, []);
    }

    proptest! {
        #[test]
        fn never_panics_and_spans_stay_inside(
            lines in prop::collection::vec("(GEM|GIT|RUBY VERSION|BUNDLED WITH|<<<<<<<|>>>>>>>|    \\PC* \\(\\PC*\\)|   ruby \\PC*p[0-9]|\\PC*)\r?", 0..20),
            tail in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let mut bytes = lines.join("\n").into_bytes();
            bytes.extend(tail);
            let lock = Lock::parse(&bytes);
            for gem in &lock.gems {
                prop_assert_eq!(&bytes[gem.span.range()], gem.version.as_bytes());
            }
            for problem in &lock.problems {
                prop_assert!(problem.span.end <= bytes.len());
            }
        }
    }
}
