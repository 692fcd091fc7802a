//! Our reading of units against the real one: `systemd-analyze verify`, which needs no running systemd.
//!
//! What systemd 252 says of each fixture is recorded in `fixtures/systemd/said.txt`; the recording is compared
//! with our words everywhere, and with the real program where it is installed. `PUMA_LINT_RECORD=1` makes a new
//! recording. `PUMA_LINT_REQUIRE_REAL_PROGRAMS=1` forbids to skip.

// Helpers of tests are tests, too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use puma_lint::systemd::{
    Context, UnitKind, UnitName, assignments, commands, diagnose, dropin_folders, environment_file, merge,
    parse_as, refusal, takes,
};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/systemd")
}

/// The name under which `verify` loads a file: a template gets the instance `i`.
fn loaded_as(file: &str) -> UnitName {
    UnitName::new(&file.replace("@.", "@i.")).expect("a unit's name")
}

/// Every fixture that is a unit, in order of name.
fn units() -> Vec<String> {
    let entries = std::fs::read_dir(fixtures()).expect("fixtures");
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| UnitKind::of_name(name).is_some()).collect();
    names.sort();
    names
}

/// What we say, in systemd's form: `LINE: WORDS` for a line, `WORDS` for the unit as a whole.
fn ours(file: &str, bytes: &[u8]) -> Vec<String> {
    let context = Context::system(loaded_as(file));
    let unit = parse_as(context.unit.kind(), bytes);
    if unit.masked {
        return vec!["is masked.".to_owned()];
    }
    let problems = diagnose(&unit, &context);
    let mut said: Vec<_> = problems.iter().map(|p| format!("{}: {}", p.line, p.words)).collect();
    match problems.iter().find(|problem| problem.fatal) {
        Some(_) => said.push("does not load".to_owned()),
        None => said.extend(refusal(&merge(&unit, &[]), &context).map(|refusal| refusal.words.to_owned())),
    }
    said
}

/// The real program, if it is there and of the version whose words we know.
fn real() -> Option<()> {
    let output = Command::new("systemd-analyze").arg("--version").output();
    let found = output.ok().map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    match found {
        Some(version) if version.starts_with("systemd 252 ") => Some(()),
        other => {
            let found = other.map_or("none".to_owned(), |v| v.lines().next().unwrap_or_default().to_owned());
            let required = std::env::var_os("PUMA_LINT_REQUIRE_REAL_PROGRAMS").is_some_and(|v| v == "1");
            assert!(!required, "systemd-analyze 252 is required, found: {found}");
            println!("skipped: needs systemd-analyze 252, found: {found}");
            None
        }
    }
}

/// Runs `verify` on one file alone in a directory and gives its standard error.
fn verify(file: &str, bytes: &[u8], dropins: &[(&str, &str)]) -> (String, PathBuf) {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join(file);
    std::fs::write(&path, bytes).unwrap();
    for (name, text) in dropins {
        let folder = dir.path().join(format!("{file}.d"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), text).unwrap();
    }
    (run(dir.path(), file), path)
}

/// Runs `verify` on one file of a directory.
fn run(dir: &Path, file: &str) -> String {
    let output = Command::new("systemd-analyze")
        .args(["verify", "--man=no", "--generators=no"])
        .arg(dir.join(file))
        .env_clear()
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
        .env("LC_ALL", "C.UTF-8")
        .env("SYSTEMD_LOG_LEVEL", "debug")
        .env("SYSTEMD_LOG_TARGET", "console")
        .env("SYSTEMD_LOG_COLOR", "0")
        .env("SYSTEMD_UNIT_PATH", format!("{}:/lib/systemd/system", dir.display()))
        .stdin(Stdio::null())
        .output()
        .expect("systemd-analyze runs");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What the real one says of a file, in our form.
fn theirs(file: &str, bytes: &[u8]) -> Vec<String> {
    let (stderr, path) = verify(file, bytes, &[]);
    let (place, name) = (format!("{}:", path.display()), loaded_as(file));
    let mut said = Vec::new();
    for line in stderr.lines() {
        if let Some(rest) = line.strip_prefix(&place) {
            // Not of the grammar, and at debug level only.
            if !rest.contains("likely leads to infinite recursion") {
                said.push(rest.to_owned());
            }
        } else if let Some(words) = line.strip_prefix(&format!("{}: ", name.full())) {
            if words.ends_with("Refusing.") {
                said.push(words.to_owned());
            } else if words.starts_with("Unit configuration has fatal error") {
                said.push("does not load".to_owned());
            }
        } else if let Some(words) = line.strip_prefix(&format!("Unit {} ", name.full())) {
            if words == "is masked." {
                said.push(words.to_owned());
            } else if words.starts_with("failed to load properly") {
                said.push("does not load".to_owned());
            }
        }
    }
    said
}

type Said = BTreeMap<String, Vec<String>>;

fn recorded() -> Said {
    let mut said = Said::new();
    let text = std::fs::read_to_string(fixtures().join("said.txt")).expect("the recording");
    let mut current = String::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("  ") {
            Some(words) => said.entry(current.clone()).or_default().push(words.to_owned()),
            None => {
                current = line.to_owned();
                said.entry(current.clone()).or_default();
            }
        }
    }
    said
}

fn read(file: &str) -> Vec<u8> {
    std::fs::read(fixtures().join(file)).expect("a fixture")
}

#[test]
fn the_real_one_says_what_is_recorded() {
    if real().is_none() {
        return;
    }
    let said: Said = units().into_iter().map(|file| (file.clone(), theirs(&file, &read(&file)))).collect();
    if std::env::var_os("PUMA_LINT_RECORD").is_some() {
        let mut text = String::new();
        for (file, words) in &said {
            writeln!(text, "{file}").unwrap();
            words.iter().for_each(|words| writeln!(text, "  {words}").unwrap());
        }
        std::fs::write(fixtures().join("said.txt"), text).unwrap();
    }
    let recorded = recorded();
    for (file, words) in &said {
        assert_eq!(recorded.get(file), Some(words), "{file}");
    }
}

#[test]
fn we_say_what_the_real_one_says() {
    let recorded = recorded();
    let units = units();
    assert!(units.len() >= 40);
    let mut different = String::new();
    for file in &units {
        let (ours, theirs) = (ours(file, &read(file)), &recorded[file]);
        if &ours != theirs {
            writeln!(different, "{file}\n  systemd {theirs:#?}\n  we      {ours:#?}").unwrap();
        }
    }
    assert!(different.is_empty(), "{different}");
}

/// One unit of each kind that has keys, with every key of its sections and a value that nobody complains about.
#[test]
fn the_real_one_knows_the_keys_that_we_know() {
    if real().is_none() {
        return;
    }
    let data = include_str!("../src/systemd/keys.txt");
    let keys: Vec<_> = data
        .lines()
        .filter(|line| !line.starts_with(['#', '[']))
        .filter_map(|line| line.split_once(' '))
        .map(|(key, _)| key)
        .collect();
    for suffix in ["service", "socket", "mount", "automount", "swap", "timer", "path", "slice", "target"] {
        let file = if matches!(suffix, "mount" | "automount") { "a-b" } else { "x" };
        let file = format!("{file}.{suffix}");
        let kind = UnitKind::of_name(&file).unwrap();
        let mut text = String::new();
        let mut expected = Vec::new();
        let mut line = 0;
        for section in ["Unit", kind.section(), "Install"] {
            writeln!(text, "[{section}]").unwrap();
            line += 1;
            for key in &keys {
                // An empty `DynamicUser=` is fatal, and what follows would go unread.
                let value = if *key == "DynamicUser" { "no" } else { "" };
                writeln!(text, "{key}={value}").unwrap();
                line += 1;
                if takes(kind, section, key).is_none() {
                    expected.push(format!("{line}: Unknown key '{key}' in section [{section}], ignoring."));
                }
            }
        }
        let (stderr, path) = verify(&file, text.as_bytes(), &[]);
        let place = format!("{}:", path.display());
        let said = stderr.lines().filter_map(|line| line.strip_prefix(&place));
        let said: Vec<_> = said.filter(|words| words.contains(": Unknown key ")).map(str::to_owned).collect();
        assert_eq!(said, expected, "{file}");
    }
}

#[test]
fn the_units_that_systemd_ships_are_read_without_a_complaint() {
    let Ok(entries) = std::fs::read_dir("/lib/systemd/system") else {
        assert!(real().is_none(), "systemd without units");
        return;
    };
    let mut count = 0;
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    while let Some(path) = paths.pop() {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        // A drop-in is named by its folder; one for many units (`user-.slice.d`) by no unit's name.
        let folder = path.parent().and_then(|folder| folder.file_name()).and_then(|name| name.to_str());
        let name =
            if name.ends_with(".conf") { folder.and_then(|f| f.strip_suffix(".d")) } else { Some(name) };
        if path.is_dir() && name.is_some_and(|name| name.ends_with(".d")) {
            paths.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let Some(unit) = name.and_then(UnitName::new) else { continue };
        let context = Context::system(unit);
        assert_eq!(diagnose(&parse_as(context.unit.kind(), &bytes), &context), [], "{}", path.display());
        count += 1;
    }
    println!("{count} units and drop-ins read");
}

#[test]
fn a_fatal_error_in_a_dropin_ends_only_the_dropin() {
    if real().is_none() {
        return;
    }
    let unit = b"[Service]\nExecStart=/bin/true\n";
    let dropins =
        [("a.conf", "[Service]\nFoo=1\n[x\nBar=1\n"), ("b.conf", "[Service]\nBaz=1\n"), ("c", "Qux=1\n")];
    let (stderr, _) = verify("x.service", unit, &dropins);
    assert!(stderr.contains("a.conf:2: Unknown key 'Foo'"), "{stderr}");
    assert!(stderr.contains("a.conf:3: Invalid section header '[x'"), "{stderr}");
    assert!(!stderr.contains("'Bar'") && stderr.contains("b.conf:2: Unknown key 'Baz'"), "{stderr}");
    assert!(!stderr.contains("Qux") && !stderr.contains("failed to load properly"), "{stderr}");
}

/// Of drop-ins with one name, the real one reads that of the most specific folder: it is taken away, and again.
#[test]
fn the_real_one_looks_for_dropins_where_we_do() {
    if real().is_none() {
        return;
    }
    for file in ["app-b-puma.service", "app-b-puma@.service"] {
        let unit = b"[Service]\nExecStart=/bin/true\n";
        let mut folders = dropin_folders(&loaded_as(file));
        // `service.d` is read for every unit that is loaded.
        folders.remove(0);
        while let Some(expected) = folders.last() {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join(file), unit).unwrap();
            for folder in &folders {
                std::fs::create_dir(dir.path().join(folder)).unwrap();
                std::fs::write(dir.path().join(folder).join("x.conf"), "[Service]\nFoo=1\n").unwrap();
            }
            let stderr = run(dir.path(), file);
            let read: Vec<_> = stderr.lines().filter(|line| line.contains("Unknown key 'Foo'")).collect();
            assert_eq!(read.len(), 1, "{stderr}");
            assert!(read[0].contains(&format!("/{expected}/x.conf:2:")), "{expected}: {}", read[0]);
            folders.pop();
        }
    }
}

/// Parts of units, put together at random, and arbitrary bytes: nothing panics, every span lies in the file.
mod hostile {
    use super::*;
    use proptest::prelude::*;

    fn look(bytes: &[u8]) {
        let unit = parse_as(UnitKind::Service, bytes);
        let context = Context::system(UnitName::new("a@b.service").unwrap());
        for entry in &unit.entries {
            assert!(entry.lines.end <= bytes.len() && entry.lines.contains(entry.key_span));
            assert!(entry.value.span().end <= bytes.len() && entry.lines.contains(entry.value.span()));
            for command in commands(entry, &context).commands {
                for word in command.argv {
                    assert!(entry.lines.contains(word.span()));
                    puma_lint::systemd::expand(&word, &|name| Some(format!("{name} 'x")));
                }
            }
            assignments(entry, &context);
        }
        for problem in diagnose(&unit, &context) {
            assert!(problem.span.end <= bytes.len());
        }
        refusal(&merge(&unit, &[&unit]), &context);
        for (name, value) in environment_file(bytes).assignments {
            assert!(name.span().end <= bytes.len() && value.span().end <= bytes.len());
        }
    }

    const PIECES: [&str; 44] = [
        "[Service]\n",
        "[Unit]",
        "[X",
        "ExecStart=",
        "Environment=",
        "PIDFile=",
        "User=",
        "RuntimeDirectory=",
        "WorkingDirectory=-",
        "EnvironmentFile=-",
        "PassEnvironment=",
        "TimeoutSec=",
        "KillSignal=",
        "After=",
        "StandardOutput=append:",
        "/bin/true ",
        "\\",
        "\n",
        "\r",
        "\0",
        " ",
        "=",
        "'",
        "\"",
        "%n",
        "%",
        "%F",
        "$A",
        "${A}",
        "$$",
        ";",
        " ; ",
        "\\x41",
        "é",
        "\u{feff}",
        "#",
        "-@",
        "..",
        "/",
        "12",
        ".",
        "min",
        "\u{fffe}",
        "😀",
    ];

    #[test]
    fn large_files_take_no_time() {
        let many = |piece: &str| piece.repeat(2_000_000 / piece.len());
        let texts = [
            many("\\\n"),
            many("[Service]\n"),
            many("Foo=1\n"),
            format!("[Service]\n{}", many("Environment=A=b\\q\n")),
            format!("[Service]\nExecStart={}", &many("-a ; ")[..1_000_000]),
            format!("[Service]\nExecStart=/a {}", &many("\\q ")[..1_000_000]),
            format!("[Service]\nExecStart=/a {}", &many("${a:")[..1_000_000]),
            format!("[Service]\nEnvironment={}", &many("a ")[..1_000_000]),
            format!("[Service]\nRuntimeDirectory={}", &many("/a:b ")[..1_000_000]),
            format!("[Service]\nTimeoutSec={}", &many("1 ")[..1_000_000]),
        ];
        for text in texts {
            let start = std::time::Instant::now();
            look(text.as_bytes());
            assert!(start.elapsed().as_secs() < 20, "{}", &text[..40]);
            println!("{:?} {:?}", start.elapsed(), &text[..30]);
        }
    }

    fn pieces() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop::sample::select(PIECES.to_vec());
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes())
    }

    /// Random units, read by us and by the real one. `PROPTEST_CASES` makes it look longer.
    #[test]
    fn random_units_are_read_as_the_real_one_reads_them() {
        if real().is_none() {
            return;
        }
        let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(50);
        let config = ProptestConfig { failure_persistence: None, cases, ..ProptestConfig::default() };
        let mut runner = proptest::test_runner::TestRunner::new(config);
        let found = runner.run(&pieces(), |pieces| {
            let bytes = [b"[Service]\n".as_slice(), &pieces].concat();
            // What only the host knows is not ours to say.
            let host = |two: &[u8]| two[0] == b'%' && b"aAbBHlqmMovwWsyYcrR\\".contains(&two[1]);
            prop_assume!(!bytes.windows(2).any(host));
            prop_assert_eq!(ours("a@b.service", &bytes), theirs("a@b.service", &bytes));
            Ok(())
        });
        assert!(found.is_ok(), "{found:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 600, ..ProptestConfig::default() })]
        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            look(&bytes);
        }

        #[test]
        fn any_pieces(mut bytes in pieces(), byte in any::<u8>(), at in any::<prop::sample::Index>()) {
            look(&bytes);
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
                look(&bytes);
            }
        }
    }
}
