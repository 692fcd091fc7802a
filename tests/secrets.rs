//! No verb prints a secret in any format: each way to write one down is put beside what is reported, and looked for.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::path::Path;

use support::{lint, project, stderr, stdout};

/// Stands for the secret.
const TOKEN: &str = "q7Zk1-vX9t.hW3-Lm08pRs2";

/// Lines of a config; `@` is the secret. Each stands right above something that is reported.
const CONFIG: &[&str] = &[
    "activate_control_app 'tcp://127.0.0.1:9293', { auth_token: '@' }",
    "activate_control_app 'tcp://127.0.0.1:9293', auth_token: ENV.fetch('CONTROL_TOKEN', '@')",
    "activate_control_app 'tcp://127.0.0.1:9293?token=@'",
    "code = '@'; activate_control_app 'tcp://127.0.0.1:9293', auth_token: code",
    "code = '@'; activate_control_app 'tcp://127.0.0.1:9293', \"auth_token\": code",
    "ssl_bind '0.0.0.0', 9292, key: '/etc/k.pem', cert: '/etc/c.pem', key_password: '@'",
    "ssl_bind '0.0.0.0', 9292, cert_pem: 'x', key_pem: '@'",
    "bind 'ssl://0.0.0.0:9292?key=/etc/k.pem&cert=/etc/c.pem&password=@'",
    "bind 'ssl://0.0.0.0:9292?cert=/etc/c.pem&key_pem=@'",
    "ENV['SECRET_KEY_BASE'] ||= '@'",
    "ENV['DATABASE_URL'] ||= 'postgres://u:@@db/app'",
    "ENV['TRACKER_URL'] = 'https://@@sentry.example/1'",
    "pidfile \"/run/#{ENV.fetch('API_TOKEN', '@')}.pid\"",
    "secret = '@'; pidfile \"/run/#{secret}.pid\"",
    "set_default :api_token, '@'",
    "# password: '@'",
    "set_remote_address header: 'x', secret: '@'",
    "unknown_thing password: '@'",
    "workers '@', password: '@'",
    "on_restart { ENV['API_KEY'] = '@' }",
    "password = <<~END\n  @\nEND",
    "auth_token = 'first' \\\n  '@'",
    "if ENV['APP_SECRET'] == '@' then workers 2 end",
    "activate_control_app 'tcp://127.0.0.1:9293', auth_token: (ENV['APP_SECRET'] == '@' ? 'a' : '@')",
    "system 'pumactl', '--control-token', '@', 'stats'",
    "`pumactl -T @ stats`",
];

/// Lines of a unit.
const UNIT: &[&str] = &[
    "Environment=SECRET_KEY_BASE=@ RAILS_ENV=production",
    "Environment=\"DATABASE_URL=postgres://u:@@db/app\"",
    "Environment='API_KEY=@ and more'",
    "Environment=RAILS_ENV=production \\\n  API_TOKEN=@",
    "Environment=PIDFILE=/run/@.pid SOME_TOKEN=@",
    "SetCredential=token:@",
    "ExecStartPre=/usr/bin/pumactl -C tcp://127.0.0.1:9293 -T @ status",
    "ExecStartPre=/usr/bin/pumactl --control-url tcp://127.0.0.1:9293 --control-token @ status",
    "ExecStartPre=/bin/sh -c 'API_TOKEN=@ /bin/true'",
    "ExecStartPre=API_TOKEN=@ /bin/true",
    "ExecStartPre=/usr/bin/curl -H 'Authorization: Bearer @' https://u:@@h/",
    "Enviroment=API_TOKEN=@",
    "ExecReload=/usr/bin/pumactl -T @ phased-restart",
];

/// How the unit starts Puma.
const START: &[&str] = &[
    "/usr/bin/puma --control-url tcp://127.0.0.1:9293 --control-token @ --daemon",
    "/usr/bin/puma --control-token=@ --daemon",
    "/usr/bin/puma --control-token '@' --daemon",
    "/usr/bin/env API_TOKEN=@ puma --daemon",
    "API_TOKEN=@ /usr/bin/puma --daemon",
    "/bin/bash -lc 'API_TOKEN=@ bundle exec puma --daemon'",
    "/bin/bash -lc \"cd /srv/shop && PASSWORD=@ puma --control-token @ --daemon\"",
    "puma -b ssl://0?key_pem=@ -d",
    "puma -b tcp://u:@@0:1 --daemon > /x.log",
];

/// Statements of a Monit file.
const MONIT: &[&str] = &[
    "set httpd port 2812 allow admin:@",
    "set httpd port 2812 allow \"admin\":\"@\"",
    "set mailserver localhost username \"me\" password \"@\"",
    "set mailserver localhost username me password @",
    "set mmonit http://monit:@@h:8080/collector",
];

/// Statements of Monit's check of Puma.
const CHECK: &[&str] = &[
    "start program = \"/bin/sh -c 'API_TOKEN=@ puma --daemon'\"",
    "start program = \"/usr/bin/puma --control-token @ --daemon\"",
    "start program = \"API_TOKEN=@ /usr/bin/puma --daemon\"",
    "stop program = \"/usr/bin/pumactl -T @ stop\"",
    "if failed url \"https://me:@@h/x\" then restart",
    "if failed port 80 protocol http password \"@\" then alert",
    "if failed port 80 http headers [Authorization: Basic @]",
];

/// The longest list.
const ROUNDS: usize = CONFIG.len();

const LOCK: &str =
    "GEM\n  remote: https://me:@@gems.example.org/\n  specs:\n    puma (8.0.2)\n\nDEPENDENCIES\n  puma\n";

/// A project that speaks of a secret in one place of each kind of file. In every second one the config is what all else
/// follows from, and in the others the unit.
fn files(at: usize, token: &str) -> Vec<(String, String)> {
    let pick = |lines: &[&str]| lines[at % lines.len()].to_owned();
    let daemonize = if at.is_multiple_of(2) { "daemonize true\n" } else { "" };
    let config = format!("{daemonize}{}\n{daemonize}on_worker_boot 5\nport 3000\n", pick(CONFIG));
    let unit = format!(
        "[Service]\n{}\nEnvironmentFile=-.env\nType=forking\nWorkingDirectory=/srv/shop\nEnvironmentFile=/srv/shop/.env\nExecStart={}\n",
        pick(UNIT),
        pick(START)
    );
    let monit = format!(
        "{}\ncheck process shop with pidfile /run/elsewhere.pid\n  {}\n  start program = \"puma -d\" with timeout 5 seconds\n",
        pick(MONIT),
        pick(CHECK)
    );
    let files = [
        ("config/puma.rb", config),
        ("deploy/shop.service", unit),
        ("ops/monitrc", monit),
        ("Procfile", "web: API_TOKEN=@ puma --control-token @ --daemon\n".to_owned()),
        (".env", "API_TOKEN=@\nDATABASE_URL=postgres://u:@@db/app\n".to_owned()),
        ("Gemfile.lock", LOCK.to_owned()),
    ];
    files.into_iter().map(|(name, text)| (name.to_owned(), fill(&text, token))).collect()
}

/// `@@` is the secret and an `@`.
fn fill(text: &str, token: &str) -> String {
    text.replace("@@", &format!("{token}\0")).replace("@", token).replace('\0', "@")
}

fn make(files: &[(String, String)]) -> tempfile::TempDir {
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    project(&files)
}

/// What each verb prints in each format.
const RUNS: &[&[&str]] = &[
    &["check"],
    &["check", "--color", "always", "--verbose"],
    &["check", "--format", "concise"],
    &["check", "--format", "json"],
    &["check", "--format", "sarif"],
    &["check", "--format", "github"],
    &["check", "--format", "gitlab"],
    &["check", "--format", "junit"],
    &["check", "--target-version", "4.3.12", "--format", "json"],
    &["check", "--from", "4.3.12", "--target-version", "8"],
    &["show"],
    &["show", "--all"],
    &["show", "--format", "json", "--all"],
    &["fix", "--diff"],
    &["fix", "--diff", "--unsafe"],
    &["fix", "--diff", "--unsafe", "--color", "always"],
    &["fix", "--diff", "--format", "json"],
    // These change the files, and so come last.
    &["fix", "--format", "full"],
    &["fix", "--unsafe", "--format", "json"],
    &["fix", "--unsafe", "--format", "concise"],
];

fn printed(folder: &Path, arguments: &[&str]) -> String {
    let output = lint(folder, arguments);
    format!("{}{}", stdout(&output), stderr(&output))
}

#[test]
fn no_verb_prints_a_secret_in_any_format() {
    let mut leaks = Vec::new();
    for at in 0..ROUNDS {
        let folder = make(&files(at, TOKEN));
        for arguments in RUNS {
            let printed = printed(folder.path(), arguments);
            assert!(!printed.contains("panicked"), "{printed}");
            // Half of it is too much as well.
            for line in
                printed.lines().filter(|line| line.contains(&TOKEN[..7]) || line.contains(&TOKEN[7..]))
            {
                leaks.push(format!("{at} {arguments:?}: {line}"));
            }
        }
    }
    assert!(leaks.is_empty(), "{} lines:\n{}", leaks.len(), leaks.join("\n"));
}

/// The lines are really shown: else the test above would prove nothing.
#[test]
fn secrets_stand_in_what_is_shown() {
    let stars = "*".repeat(TOKEN.len());
    let all: String = (0..ROUNDS)
        .map(|at| {
            let folder = make(&files(at, TOKEN));
            printed(folder.path(), &["check"]) + &printed(folder.path(), &["fix", "--diff", "--unsafe"])
        })
        .collect();
    let mut missing = Vec::new();
    for line in CONFIG.iter().chain(UNIT).chain(START) {
        let shown = fill(line, &stars);
        // Frames cut long lines.
        let seen = shown.lines().any(|line| all.contains(line.trim()));
        let part = shown.split_whitespace().any(|word| word.contains(&stars) && all.contains(word));
        if !seen && !part {
            missing.push(line);
        }
    }
    assert!(missing.is_empty(), "{missing:#?} are nowhere to be seen");
}

#[test]
fn a_difference_that_hides_something_says_so_and_another_is_a_patch() {
    let config = "workers 2\ndaemonize true\nENV['API_KEY'] = 'q7Zk1-vX9t.hW3-Lm08pRs2'\n";
    let folder =
        project(&[("config/puma.rb", config), ("Gemfile.lock", "GEM\n  specs:\n    puma (8.0.2)\n")]);
    let diff = stdout(&lint(folder.path(), &["fix", "--diff"]));
    assert_eq!(
        diff,
        "# config/puma.rb: secrets are shown as ***, so this difference cannot be applied
--- config/puma.rb
+++ config/puma.rb
@@ -1,3 +1,2 @@
 workers 2
-daemonize true
 ENV['API_KEY'] = '***********************'
"
    );
    let config = "workers 2\ndaemonize true\n1\n2\n3\nENV['API_KEY'] = 'q7Zk1-vX9t.hW3-Lm08pRs2'\n";
    std::fs::write(folder.path().join("config/puma.rb"), config).unwrap();
    let diff = stdout(&lint(folder.path(), &["fix", "--diff"]));
    assert!(diff.starts_with("--- config/puma.rb\n"), "{diff}");
}

/// What `fix` writes holds the secret as it was, and so does every edit that is offered.
#[test]
fn fixing_keeps_secrets_and_edits_apply() {
    for at in 0..ROUNDS {
        let before = files(at, TOKEN);
        let folder = make(&before);
        let report = support::json(folder.path(), &[]);
        for finding in report["diagnostics"].as_array().unwrap() {
            for fix in finding["fixes"].as_array().unwrap() {
                for edit in fix["edits"].as_array().unwrap() {
                    let replacement = edit["replacement"].as_str().unwrap();
                    assert!(!replacement.contains("***"), "{edit}");
                }
            }
        }
        lint(folder.path(), &["fix", "--unsafe"]);
        for (name, text) in before {
            let after = std::fs::read_to_string(folder.path().join(&name)).unwrap();
            assert!(!after.contains("***"), "{name}: {after}");
            // A command that makes room for systemctl takes its token along.
            let replaced = after.contains("/bin/systemctl") && !text.contains("/bin/systemctl");
            if !text.contains("daemon") && !replaced {
                assert_eq!(after.matches(TOKEN).count(), text.matches(TOKEN).count(), "{name}");
            }
        }
    }
}
