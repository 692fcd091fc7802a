//! Compares the reading of control files with the installed Monit's own.
//!
//! Every file of `fixtures/monit` is given to `monit -t -v`. What Monit refuses, on which line and in which words, and
//! what it prints of each process check, has to be what [`puma_lint::monit::parse`] says.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use puma_lint::monit::{
    Condition, Control, Mode, OnReboot, ProcessCheck, Program, SetValue, User, WatchKind, When, parse,
};

/// What Monit says of the machine it runs on, not of the file.
const OF_THE_MACHINE: &[&str] = &["Program does not exist:", "Program is not executable:", "Include failed"];

/// What Monit says and does not mind.
const ONLY_WARNS: &str = "The 'every' statement can be specified only once";

/// What Monit says without naming a line.
const WITHOUT_LINE: &[&str] = &["Depending service", "Found a depend loop", "Poll time is invalid"];

/// Only root may give a program a user.
const ONLY_ROOT: &str = "statement requires root privileges";

#[test]
fn reads_control_files_as_monit_does() {
    if Command::new("monit").arg("-V").output().is_err() {
        assert!(
            std::env::var("PUMA_LINT_REQUIRE_REAL_PROGRAMS").as_deref() != Ok("1"),
            "monit is not installed"
        );
        println!("skipped: monit is not installed");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let fixtures = fixtures();
    assert!(fixtures.len() >= 80);
    let mut failures = String::new();
    let mut skipped = 0;
    for fixture in &fixtures {
        let name = fixture.file_stem().unwrap().to_str().unwrap();
        match compare(name, &std::fs::read(fixture).unwrap(), directory.path()) {
            Verdict::Same => {}
            Verdict::NeedsRoot => skipped += 1,
            Verdict::Different(how) => writeln!(failures, "--- {name}\n{how}").unwrap(),
        }
    }
    assert!(failures.is_empty(), "{failures}");
    println!("{} files compared, {skipped} skipped because they need root", fixtures.len() - skipped);
}

/// Pieces of the files above, put together anew: `cargo test --test monit -- --ignored --nocapture`.
#[test]
#[ignore = "runs for minutes"]
fn reads_mixed_control_files_as_monit_does() {
    /// Files whose contents are passed over, or of which Monit says something of the machine.
    const LEFT_OUT: &[&str] = &["set_httpd", "set_mailserver", "other_", "uid", "words_", "nul", "include"];
    let directory = tempfile::tempdir().unwrap();
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let mut seed = number("SEED", 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 33).unwrap() % below.max(1)
    };
    let names = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let files: Vec<Vec<u8>> = fixtures()
        .into_iter()
        .filter(|path| !LEFT_OUT.iter().any(|start| names(path).starts_with(start)))
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    let mut failures = 0;
    for round in 0..number("ROUNDS", 2000) {
        let mut bytes = files[random(files.len())].clone();
        for _ in 0..=random(3) {
            let other = &files[random(files.len())];
            let from = random(other.len());
            let to = (from + random(24)).min(other.len());
            let at = random(bytes.len());
            let until = (at + random(12)).min(bytes.len());
            bytes.splice(at..until, other[from..to].iter().copied());
        }
        bytes.retain(|byte| *byte != 0);
        let machine = [
            "uid",
            "gid",
            "include",
            "certificate",
            "checksum",
            "pem",
            "certmd5",
            "match",
            "address",
            "$HOST",
        ];
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        if machine.iter().any(|word| text.contains(word)) {
            continue;
        }
        // What other checks test is passed over. Monit cuts a long command when it prints it, a line end in one cannot be
        // told from the next line, and of `path "` Monit quotes the rest of the file.
        let control = parse(&bytes);
        let programs =
            control.checks.iter().flat_map(|check| [&check.start, &check.stop, &check.restart]).flatten();
        let mut commands = programs.map(words);
        if !control.other_checks.is_empty()
            || commands.any(|command| command.len() > 200 || command.contains('\n'))
            || control.error.is_some_and(|error| error.words.starts_with("syntax error 'path"))
        {
            continue;
        }
        if let Verdict::Different(how) = compare("mixed", &bytes, directory.path()) {
            failures += 1;
            println!("--- round {round}: {}\n{how}", String::from_utf8_lossy(&bytes).escape_debug());
        }
    }
    assert_eq!(failures, 0);
}

/// The control files to compare, in order.
fn fixtures() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/monit");
    let mut paths: Vec<_> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "monitrc"));
    paths.sort();
    paths
}

enum Verdict {
    Same,
    NeedsRoot,
    Different(String),
}

/// Gives the file to Monit and to us. Monit keeps an identity somewhere: it is sent to the temporary directory, in the
/// first line, so that no line number changes.
fn compare(name: &str, content: &[u8], directory: &Path) -> Verdict {
    let path = directory.join(format!("{name}.monitrc"));
    let mut bytes = format!("set idfile \"{}\" ", directory.join("id").display()).into_bytes();
    bytes.extend_from_slice(content);
    std::fs::write(&path, &bytes).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let output = Command::new("monit").args(["-t", "-v", "-c"]).arg(&path).output().unwrap();
    let said = said(&output.stdout, &output.stderr);
    let control = parse(&bytes);
    let real = Report::of_monit(&said, path.to_str().unwrap(), output.status.success());
    if real.complaints.iter().any(|complaint| complaint.contains(ONLY_ROOT)) {
        return Verdict::NeedsRoot;
    }
    let ours = Report::of(&control, &said);
    if real == ours {
        Verdict::Same
    } else {
        Verdict::Different(format!("monit: {real:#?}\nours:  {ours:#?}"))
    }
}

/// Everything Monit printed, as text.
fn said(stdout: &[u8], stderr: &[u8]) -> String {
    format!("{}\n{}", String::from_utf8_lossy(stdout), String::from_utf8_lossy(stderr)).replace('\r', "<CR>")
}

/// What is compared.
#[derive(Debug, PartialEq)]
struct Report {
    accepted: bool,
    /// `LINE: words`, or words alone; sorted.
    complaints: Vec<String>,
    /// For each process check, what is printed of it.
    checks: Vec<Vec<String>>,
}

impl Report {
    fn of_monit(said: &str, path: &str, accepted: bool) -> Self {
        let mut complaints = Vec::new();
        for message in said.split(&format!("{path}:")).skip(1) {
            let Some((line, words)) = message.split_once(": ") else { continue };
            if line.parse::<usize>().is_ok()
                && !OF_THE_MACHINE.iter().any(|start| words.starts_with(start))
                && !words.starts_with(ONLY_WARNS)
            {
                // A message ends with the quote that closes the token, which may hold line ends.
                let end = words.rfind('\'').map_or(words.len(), |end| end + 1);
                complaints.push(format!("{line}: {}", &words[..end]));
            }
        }
        let bare = |line: &&str| WITHOUT_LINE.iter().any(|start| line.starts_with(start));
        complaints.extend(said.lines().filter(bare).map(|line| line.trim_end().to_owned()));
        complaints.sort();
        let mut checks = Vec::new();
        if accepted {
            for block in said.split("\nProcess Name          = ").skip(1) {
                let block = block.split("\n\n").next().unwrap_or_default();
                checks.push(facts_of_monit(&format!("Process Name = {block}")));
            }
        }
        Self { accepted, complaints, checks }
    }

    fn of(control: &Control, said: &str) -> Self {
        let mut complaints = Vec::new();
        let errors = control.errors.iter().map(|error| (error.line, &error.words));
        let syntax = control.error.iter().map(|error| (Some(error.line), &error.words));
        for (line, words) in errors.chain(syntax) {
            let words = words.replace('\r', "<CR>");
            complaints.push(line.map_or(words.clone(), |line| format!("{line}: {words}")));
        }
        complaints.sort();
        let accepted = control.is_accepted();
        let mut checks: Vec<_> = control.checks.iter().map(|check| facts_of(control, check)).collect();
        if !accepted {
            checks.clear();
        }
        // Monit prints the checks in the order of their dependencies.
        let place =
            |facts: &Vec<String>| said.find(&format!("{}\n", facts[0].replacen(" = ", "          = ", 1)));
        checks.sort_by_key(place);
        Self { accepted, complaints, checks }
    }
}

/// The lines of a process check that are compared, with single blanks around `=`.
fn facts_of_monit(block: &str) -> Vec<String> {
    const COMPARED: &[&str] = &[
        "Process Name",
        "Group",
        "Pid file",
        "Match",
        "Monitoring mode",
        "On reboot",
        "Start program",
        "Stop program",
        "Restart program",
        "Depends on Service",
        "Every",
        "Timeout",
        "Port",
        "Unix Socket",
        "Existence",
        "Non-Existence",
        "Limits",
    ];
    let mut facts: Vec<String> = Vec::new();
    let mut kept = false;
    for line in block.lines() {
        let pair =
            line.split_once(" = ").filter(|(key, _)| key.starts_with(' ') || key.starts_with("Process Name"));
        let Some((key, value)) = pair.map(|(key, value)| (key.trim(), value)) else {
            if kept && let Some(last) = facts.last_mut() {
                let _ = write!(last, "\n{line}");
            }
            continue;
        };
        let key = if key.contains("limit") || key.starts_with("Load avg") { "Limits" } else { key };
        let key = if matches!(key, "Threads" | "Children") { "Limits" } else { key };
        kept = COMPARED.contains(&key);
        if kept {
            facts.push(match key {
                "Limits" => format!("Limits = {}", value.split(" then ").next().unwrap_or_default()),
                "Port" => {
                    format!("Port = {}", value.split([' ', '\n']).take(3).collect::<Vec<_>>().join(" "))
                }
                "Unix Socket" => {
                    format!("Unix Socket = {}", value.split(" type ").next().unwrap_or_default())
                }
                "Existence" | "Non-Existence" => {
                    format!("{key} = {}", value.split(" then ").next().unwrap_or_default())
                }
                _ => format!("{key} = {value}"),
            });
        }
    }
    facts[1..].sort();
    facts
}

/// What Monit should print of a check.
fn facts_of(control: &Control, check: &ProcessCheck) -> Vec<String> {
    let mut facts = vec![format!("Process Name = {}", check.name.text())];
    let mut fact = |key: &str, value: String| facts.push(format!("{key} = {value}").replace('\r', "<CR>"));
    if !check.groups.is_empty() {
        // Monit lists groups in the reverse order of their first mention in the file.
        let mut names: Vec<&str> = check.groups.iter().rev().map(|group| group.text()).collect();
        names.dedup();
        fact("Group", names.join(", "));
    }
    match check.watch.kind {
        WatchKind::Pidfile => fact("Pid file", check.watch.value.text().to_owned()),
        WatchKind::Matching => fact("Match", check.watch.value.text().to_owned()),
    }
    fact(
        "Monitoring mode",
        if matches!(check.mode, Some((Mode::Passive, _))) { "passive" } else { "active" }.to_owned(),
    );
    fact("On reboot", on_reboot(control, check).to_owned());
    for (key, program, limit) in [
        ("Start program", &check.start, "starttimeout"),
        ("Stop program", &check.stop, "stoptimeout"),
        ("Restart program", &check.restart, "restarttimeout"),
    ] {
        if let Some(program) = program {
            fact(key, program_line(program, default_timeout(control, check, limit)));
        }
    }
    for name in &check.depends {
        fact("Depends on Service", name.text().to_owned());
    }
    if let Some(every) = &check.every {
        fact(
            "Every",
            match &every.when {
                When::Cycles(cycles) => format!("Check service every {cycles} cycles"),
                When::Cron(cron) => format!("Check service every {}", cron.text()),
                When::NotCron(cron) => format!("Don't check service every {}", cron.text()),
            },
        );
    }
    let mut exists = false;
    for test in &check.tests {
        let rate = test.rate.map_or(String::new(), |rate| match (rate.times, rate.cycles) {
            (1, 1) => String::new(),
            (times, cycles) if times == cycles => format!(" for {cycles} cycles"),
            (times, cycles) => format!(" for {times} times within {cycles} cycles"),
        });
        let when = if test.on_success { "succeeded" } else { "failed" };
        match &test.condition {
            Condition::Restarts { restarts, cycles } => {
                let action = format!("{:?}", test.action.kind).to_lowercase();
                let program = test
                    .action
                    .program
                    .as_ref()
                    .map_or(String::new(), |program| format!(" '{}'", words(program)));
                let text = format!(
                    "If restarted {} times within {} cycle(s) then {action}{program}",
                    restarts.value, cycles.value
                );
                fact("Timeout", text);
            }
            Condition::Port { host, port, request, .. } => {
                let host = host.as_ref().map_or("localhost", |host| host.text());
                let request = request.as_ref().map_or("", |request| request.text());
                fact("Port", format!("if {when} [{host}]:{}{request}", port.value));
            }
            Condition::Url(Some(url)) => {
                let rest = url.text().split_once("://").unwrap().1;
                let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
                let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
                let (host, port) = host.split_once(':').unwrap_or((host, "80"));
                fact("Port", format!("if {when} [{host}]:{port}/{path}"));
            }
            Condition::UnixSocket { path, .. } => fact("Unix Socket", format!("if {when} {}", path.text())),
            Condition::Exist { negated } => {
                exists = true;
                let (key, what) =
                    if *negated { ("Existence", "does not exist") } else { ("Non-Existence", "exist") };
                fact(key, format!("if {what}{rate}"));
            }
            // Of several limits under one `if`, Monit keeps the last.
            Condition::Resources(resources) => {
                let Some(last) = resources.last() else { continue };
                let operator = match last.operator {
                    ">" => "greater than",
                    ">=" => "greater than or equal to",
                    "<" => "less than",
                    "<=" => "less than or equal to",
                    "==" => "equal to",
                    "!=" => "not equal to",
                    other => other,
                };
                fact("Limits", format!("if {operator} {}{rate}", amount(last.name, last.value, last.unit)));
            }
            _ => {}
        }
    }
    if !exists {
        fact("Existence", "if does not exist".to_owned());
    }
    facts[1..].sort();
    facts
}

/// A limit as Monit prints it.
fn amount(name: &str, value: f64, unit: Option<&str>) -> String {
    let bytes = |text: String| if name.contains("memory") { text } else { format!("{text}/s") };
    let number = if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") };
    match (name, unit) {
        (_, Some("percent")) => format!("{value:.1}%"),
        (_, Some("operations")) => format!("{value:.0} operations/s"),
        ("children" | "threads", _) => format!("{value:.0}"),
        ("loadavg", _) => format!("{value:.1}"),
        (_, Some("kilobyte")) => bytes(format!("{number} kB")),
        (_, Some("megabyte")) => bytes(format!("{number} MB")),
        (_, Some("gigabyte")) => bytes(format!("{number} GB")),
        _ => bytes(format!("{number} B")),
    }
}

/// The last `set onreboot` before the check, unless the check says otherwise.
fn on_reboot(control: &Control, check: &ProcessCheck) -> &'static str {
    let before = control.sets.iter().filter(|set| set.span.start < check.span.start);
    let mut default = before.filter_map(|set| match set.value {
        SetValue::OnReboot(value) => Some(value),
        _ => None,
    });
    let manual = matches!(check.mode, Some((Mode::Manual, _))).then_some(OnReboot::LastState);
    match check.onreboot.map(|(value, _)| value).or(manual).or(default.next_back()).unwrap_or(OnReboot::Start)
    {
        OnReboot::Start => "start",
        OnReboot::NoStart => "nostart",
        OnReboot::LastState => "laststate",
    }
}

/// The time-out in milliseconds that holds for a program without one of its own.
fn default_timeout(control: &Control, check: &ProcessCheck, name: &str) -> u64 {
    let mut milliseconds = 30_000;
    for set in control.sets.iter().filter(|set| set.span.start < check.span.start) {
        let SetValue::Limits(limits) = &set.value else { continue };
        for limit in limits.iter().filter(|limit| limit.name == name) {
            milliseconds = limit.value.value * if limit.unit == Some("second") { 1000 } else { 1 };
        }
    }
    milliseconds
}

fn words(program: &Program) -> String {
    program.words.iter().map(|word| word.text()).collect::<Vec<_>>().join(" ")
}

/// A program as Monit prints it.
fn program_line(program: &Program, default: u64) -> String {
    let milliseconds = program.timeout.map_or(default, |timeout| timeout.seconds * 1000);
    let user = |key: &str, user: &Option<User>| {
        user.as_ref()
            .map_or(String::new(), |user| format!(" as {key} {}", user.value.text().replace("root", "0")))
    };
    let (uid, gid) = (user("uid", &program.uid), user("gid", &program.gid));
    format!("'{}'{uid}{gid} timeout {}", words(program), duration(milliseconds))
}

/// A time as Monit prints it.
fn duration(milliseconds: u64) -> String {
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
    let (unit, size) = units.into_iter().find(|(_, size)| milliseconds >= *size).unwrap_or(("ms", 1));
    if milliseconds.is_multiple_of(size) {
        return format!("{} {unit}", milliseconds / size);
    }
    format!("{:.3} {unit}", milliseconds as f64 / size as f64)
}
