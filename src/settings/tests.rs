use super::keys::{DEPLOYMENT, TOP, Takes};
use super::*;

const RULES: &[&str] = &["changed-default", "pidfile-mismatch", "removed-directive"];

fn settings(text: &[u8]) -> Result<File, Refused> {
    parse(Source::new("puma-lint.toml", "/nowhere/puma-lint.toml", FileKind::Settings, text.to_vec()), RULES)
}

/// What is wrong: the marked text, the message and the help.
fn wrong(text: &str) -> Vec<(String, String, String)> {
    match settings(text.as_bytes()) {
        Err(Refused::Wrong(wrong)) => wrong
            .problems
            .into_iter()
            .map(|p| (wrong.source.text(p.span).into_owned(), p.message, p.help.unwrap_or_default()))
            .collect(),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn everything_that_can_be_said() {
    let dir = tempfile::tempdir().unwrap();
    let dir = std::fs::canonicalize(dir.path()).unwrap();
    std::fs::create_dir_all(dir.join("config")).unwrap();
    for file in ["config/puma.rb", "shop.service", "monitrc"] {
        std::fs::write(dir.join(file), "").unwrap();
    }
    let text = br#"
target-version = "8.0"
from = "6"
fail-on = "error"
select = ["removed-directive"]
ignore = ["pidfile-mismatch"]
exclude = ["old", "spec/**/*.rb"]
[severity]
changed-default = "off"
removed-directive = "info"
[[deployment]]
config = "config/puma.rb"
units = ["shop.service"]
monit = "monitrc"
checks = ["shop"]
root = "/srv/shop/current/"
target-version = "7"
from = "5.6.5"
"#;
    let path = dir.join("puma-lint.toml");
    let file = parse(Source::new("x", &path, FileKind::Settings, text.to_vec()), RULES).unwrap();
    assert_eq!(file.target.as_ref().unwrap().to_string(), "8.0");
    assert_eq!(file.from.as_ref().unwrap().to_string(), "6");
    assert_eq!(file.fail_on, Some(Severity::Error));
    assert_eq!(file.select, Some(vec!["removed-directive".to_owned()]));
    assert_eq!(file.ignore, ["pidfile-mismatch"]);
    assert_eq!(file.exclude, ["old", "spec/**/*.rb"]);
    assert_eq!(file.severity["changed-default"], None);
    assert_eq!(file.severity["removed-directive"], Some(Severity::Info));
    let [tie] = file.deployments.as_slice() else { panic!() };
    assert_eq!(tie.configs, [dir.join("config/puma.rb")]);
    assert_eq!(tie.units, [dir.join("shop.service")]);
    assert_eq!(tie.monit, [dir.join("monitrc")]);
    assert_eq!(tie.checks, Some(vec!["shop".to_owned()]));
    assert_eq!(tie.root.as_deref(), Some("/srv/shop/current"));
    assert_eq!(tie.target.as_ref().unwrap().to_string(), "7");
}

#[test]
fn every_key_of_the_list_is_read_and_no_other() {
    // A value that no key takes is complained about as a value, an unknown key as a key.
    for (before, keys) in [("", TOP), ("[[deployment]]\n", DEPLOYMENT)] {
        for key in keys {
            let found = wrong(&format!("{before}{} = 1979-05-27\n", key.name));
            assert!(found.iter().any(|(at, ..)| at == "1979-05-27"), "{}: {found:?}", key.name);
            assert!(found.iter().all(|(_, message, _)| !message.contains("unknown key")), "{found:?}");
        }
    }
    assert!(TOP.iter().any(|key| key.takes == Takes::Deployments));
}

#[test]
fn what_is_wrong_is_said_at_its_place() {
    for (text, at, message, help) in [
        (
            "taget-version = \"8\"",
            "taget-version",
            "unknown key `taget-version`",
            "did you mean `target-version`?",
        ),
        ("plugins = []", "plugins", "unknown key `plugins`", "known here: target-version, from"),
        ("target-version = 8.10", "8.10", "expected a version in quotes", "put it in quotes"),
        ("target-version = \"eight\"", "\"eight\"", "`eight` is no version", "expected a version like"),
        ("target-version = \"1.0\"", "\"1.0\"", "`1.0` is no version", "nothing is known of Puma before"),
        ("from = [\"8\"]", "[\"8\"]", "expected a version in quotes, and this is a list", ""),
        ("fail-on = \"errors\"", "\"errors\"", "`errors` is no severity", "did you mean \"error\"?"),
        ("fail-on = \"off\"", "\"off\"", "`off` is no severity", "known: \"info\", \"warning\", \"error\""),
        ("select = \"x\"", "\"x\"", "expected a list of rules, and this is a text", ""),
        (
            "ignore = [\"removed-directives\"]",
            "\"removed-directives\"",
            "there is no rule",
            "did you mean `removed-directive`?",
        ),
        ("ignore = [\"x\", 1]", "\"x\"", "there is no rule `x`", "`puma-lint rules` lists them"),
        ("exclude = [\"a[\"]", "\"a[\"", "`a[` is no pattern: ", ""),
        ("severity = \"off\"", "\"off\"", "expected a table of rules and severities", ""),
        ("[severity]\nchanged-defaults = \"off\"", "changed-defaults", "there is no rule", "did you mean"),
        ("[severity]\nchanged-default = \"of\"", "\"of\"", "`of` is no severity", "did you mean \"off\"?"),
        ("[deployment]\nconfig = \"x\"", "[deployment]", "expected tables, each under [[deployment]]", ""),
        (
            "[[deployment]]\nconfig = \"nowhere.rb\"",
            "\"nowhere.rb\"",
            "there is no `nowhere.rb`",
            "relative to",
        ),
        ("[[deployment]]\nroot = \"/srv\"", "[[deployment]]", "names no file", "config, units or monit"),
        ("[[deployment]]\nmonit = []\nroot = \"srv\"", "\"srv\"", "no absolute path", "on the server"),
        (
            "[[deployment]]\nunits = []\nchecks = [\"a\"]",
            "[[deployment]]",
            "names checks and no Monit file",
            "monit =",
        ),
        ("[[deployment]]\nmonit = []\nunit = []", "unit", "unknown key `unit`", "did you mean `units`?"),
        ("a = ", "", "not TOML: ", ""),
        ("from = \"6\"\nfrom = \"7\"", "from", "not TOML: duplicate key", ""),
    ] {
        let found = wrong(text);
        let (found_at, found_message, found_help) = &found[0];
        assert!(
            found_at.trim_end().starts_with(at)
                && found_message.contains(message)
                && found_help.contains(help),
            "{text}: {found:?}"
        );
    }
    assert_eq!(wrong("a = 1\nfrom = 2\nb = 3").len(), 3);
}

#[test]
fn any_bytes_are_survived() {
    assert!(settings(b"\xff").is_err());
    assert!(settings("\u{feff}from = \"6\"\n".as_bytes()).is_ok());
    assert!(settings("a = [".repeat(100_000).as_bytes()).is_err());
    assert!(settings(&[b'['; 100_000]).is_err());
    assert!(settings(b"").is_ok());
    for text in ["[severity]\n", "[[deployment]]\nmonit = []\n", "exclude = ["] {
        for end in 0..text.len() {
            let _ = settings(&text.as_bytes()[..end]);
        }
    }
}

#[test]
fn the_nearest_file_holds_and_nothing_of_the_others() {
    let at = |dir: &str, text: &str| {
        let path = format!("{dir}/puma-lint.toml");
        parse(Source::new("x", path, FileKind::Settings, text.as_bytes().to_vec()), RULES).unwrap()
    };
    let mut settings = Settings::default();
    settings.add(at("/a", "from = \"6\""));
    settings.add(at("/a/b", "ignore = [\"changed-default\"]"));
    assert_eq!(settings.of(Path::new("/a/b/c")).unwrap().dir, Path::new("/a/b"));
    assert!(settings.of(Path::new("/a/b/c")).unwrap().from.is_none());
    assert_eq!(settings.of(Path::new("/a/x")).unwrap().dir, Path::new("/a"));
    assert!(settings.of(Path::new("/b")).is_none());
    let everywhere = Settings::everywhere(at("/a", ""));
    assert!(everywhere.of(Path::new("/b")).is_some() && everywhere.knows(Path::new("/b/puma-lint.toml")));
}

#[test]
fn a_search_for_settings_ends_at_the_repository() {
    let dir = tempfile::tempdir().unwrap();
    let dir = std::fs::canonicalize(dir.path()).unwrap();
    std::fs::create_dir_all(dir.join("repo/.git")).unwrap();
    std::fs::create_dir_all(dir.join("repo/app/config")).unwrap();
    std::fs::write(dir.join("puma-lint.toml"), "").unwrap();
    assert_eq!(find(&dir.join("repo/app/config")), None);
    std::fs::write(dir.join("repo/.puma-lint.toml"), "").unwrap();
    assert_eq!(find(&dir.join("repo/app/config")), Some(dir.join("repo/.puma-lint.toml")));
    std::fs::write(dir.join("repo/app/puma-lint.toml"), "").unwrap();
    assert_eq!(find(&dir.join("repo/app/config")), Some(dir.join("repo/app/puma-lint.toml")));
    assert_eq!(find(&dir), Some(dir.join("puma-lint.toml")));
}
