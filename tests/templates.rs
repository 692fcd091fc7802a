//! Templates: what stands in a hole is compared by its words, and nothing is said that a hole may mend.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::fs;

use support::{lint, project, stdout};

/// The rules that report something, with the severity, in the order of the report.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let folder = project(files);
    let output = lint(folder.path(), &["check", "--format", "json", "--target-version", "8.0.2"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_no_stand_in(&stdout(&output));
    let diagnostics = report["diagnostics"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    diagnostics.iter().map(|one| format!("{} {}", text(&one["severity"]), text(&one["rule"]))).collect()
}

/// What masks a template is never shown.
fn assert_no_stand_in(shown: &str) {
    let stand_in = |c: char| matches!(c, '\u{100000}'..|'\u{f600}'..='\u{f8fe}'| '\u{5ff}');
    assert!(!shown.contains(stand_in), "{shown}");
}

const UNIT: &str = "[Service]\nType=notify\nUser=deploy\nWorkingDirectory=<%= current_path %>\n\
    ExecStart=/usr/bin/bundle exec puma -C config/puma.rb\n";

fn monit(pidfile: &str) -> String {
    format!("check process puma\n  with pidfile {pidfile}\n  start program = \"/bin/systemctl start web\"\n")
}

fn pair(config: &str, pidfile: &str) -> Vec<String> {
    let control = monit(pidfile);
    found(&[("config/puma.rb.erb", config), ("web.service.erb", UNIT), ("puma.monit.erb", &control)])
}

#[test]
fn equal_holes_are_one_value_and_different_ones_may_be() {
    let mismatch = ["error pidfile-mismatch"];
    for (config, pidfile, differs) in [
        ("pidfile \"<%= fetch(:pid) %>\"\n", "\"<%=fetch(:pid)%>\"", false),
        ("pidfile \"<%= fetch(:pid) %>\"\n", "<%= fetch(:other) %>", false),
        ("pidfile \"<%= fetch(:pid) %>\"\n", "/run/web.pid", false),
        ("pidfile '<%= shared %>/a.pid'\n", "<%= shared %>/a.pid", false),
        ("pidfile '<%= shared %>/a.pid'\n", "<%= shared %>/b.pid", true),
        ("pidfile '<%= a %>/tmp/a.pid'\n", "<%= b %>/a.pid", false),
        ("pidfile '<%= a %>/shared/a.pid'\n", "<%= a %>/current/a.pid", false),
        ("pidfile File.join('<%= a %>', 'tmp', 'a.pid')\n", "<%= a %>/tmp/a.pid", false),
        ("x = '<%= a %>'\npidfile \"#{x}/tmp/a.pid\"\n", "<%= a %>/tmp/b.pid", true),
        ("<% if x %>\npidfile '/srv/a.pid'\n<% end %>\n", "/srv/a.pid", false),
        ("pidfile <%= path.inspect %>\n", "/srv/a.pid", false),
        ("<%= pidfile_line %>\n", "/srv/a.pid", false),
    ] {
        let found = pair(config, pidfile);
        let expected: &[&str] = if differs { &mismatch } else { &[] };
        assert_eq!(found, expected, "{config} {pidfile}");
    }
}

#[test]
fn what_a_template_fills_in_is_never_wrong() {
    for config in [
        "workers <%= n %>\nthreads <%= a %>, <%= b %>\nport <%= p %>\n",
        "workers '<%= n %>'\nbind '<%= address %>'\nplugin :<%= name %>\n",
        "<%= directive %> true\n<%= a %>_<%= b %> 1\nenvironment <%= e %>\n",
        "bind 'tcp://<%= host %>:<%= port %>'\nrequire '<%= feature %>'\n",
        "threads <% if a %>1<% else %>'x'<% end %>, 5\n",
        "<% if a %>\nport 1\n<% else %>\nport 1\n<% end %>\n<% xs.each do |x| %>\nbind \"<%= x %>\"\n<% end %>\n",
        "case <%= x %>\nwhen 'a'\n  raise <%= y %>\nend\n",
        "log_requests <%= x\n",
        "on_restart do <%= x %>\n",
    ] {
        assert_eq!(found(&[("config/puma.rb.erb", config)]), Vec::<String>::new(), "{config}");
    }
    for unit in [
        "[Service]\nType={{ t }}\nUser={{ u }}\nPIDFile={{ p }}\nWorkingDirectory={{ d }}\nExecStart={{ ruby }} puma {{ flags }}\n",
        "[Service]\n{{ key }}={{ value }}\nUser=a\nWorkingDirectory=/a\nExecStart=/bin/puma -p {{ port }} -w {{ n }}\n",
        "[Service]\n{{ lines }}\nExecStart=/bin/puma -e {{ e }} --{{ flag }} {{ a }}:{{ b }}\n",
        "[{{ section }}]\nExecStart=/bin/puma\n{% for x in xs %}\n{{ x }}\n{% endfor %}\n",
        "[Service]\n{% if a %}\nType=forking\n{% else %}\nType=simple\n{% endif %}\nWorkingDirectory=/a\nUser=a\n\
         ExecStart=/bin/puma\nTimeoutStopSec={{ t }}\nWatchdogSec={{ w }}\nKillMode={{ k }}\nRestart={{ r }}\n",
        "[Service]\nUser=a\nWorkingDirectory={{ d }}/current\nEnvironment={{ all }} X={{ x }}\nEnvironmentFile=-{{ f }}\nExecStart={{ d }}/bin/puma\n",
    ] {
        assert_eq!(found(&[("web.service.j2", unit)]), Vec::<String>::new(), "{unit}");
    }
    for control in [
        "check process {{ n }} with pidfile {{ p }}\n  if failed port {{ port }} protocol http then restart\n",
        "check process puma with pidfile \"{{ p }}\"\n  if {{ n }} restarts within {{ m }} cycles then timeout\n",
        "check process puma with pidfile /a\n  if cpu > {{ c }}% for {{ n }} cycles then exec {{ e }}\n  {{ more }}\n",
        "check process puma with pidfile /a\n  start program = \"{{ start }}\" with timeout {{ t }} seconds\n",
        "check process puma\n  matching \"{{ m }}\"\n  {% if x %}group {{ g }}{% endif %}\n  depends on {{ d }}\n",
        "set httpd port {{ p }}\n  allow {{ a }}\n",
    ] {
        assert_eq!(found(&[("a.monit.j2", control)]), Vec::<String>::new(), "{control}");
    }
}

#[test]
fn what_stands_outside_of_holes_is_judged_as_ever() {
    for (config, expected) in [
        ("daemonize <%= x %>\n", "error removed-directive"),
        ("<% if x %>\ndaemonize\n<% end %>\n", "warning removed-directive"),
        ("<% if x %>\nport 1\n<% else %>\nquiet false\ndaemonize\n<% end %>\n", "warning removed-directive"),
        ("workers <%= n %>\nthreads 5, 'x'\n", "error invalid-argument"),
        ("prot 3000\nworkers <%= n %>\n", "error unknown-directive"),
    ] {
        assert_eq!(found(&[("config/puma.rb.erb", config)]), [expected], "{config}");
    }
    let unit = |line: &str| format!("{}{line}\n", UNIT.replace("<%= current_path %>", "{{ d }}"));
    for (line, expected) in [
        ("Restrt=always", "warning invalid-unit"),
        ("{% if x %}\nExecReload=/bin/puma --nope\n{% endif %}", "warning unknown-flag"),
    ] {
        let found = found(&[("web.service.j2", &unit(line))]);
        assert!(found.contains(&expected.to_owned()), "{line}: {found:?}");
        assert!(!found.iter().any(|found| found.starts_with("error")), "{line}: {found:?}");
    }
}

#[test]
fn nothing_is_fixed_where_a_tag_would_be_touched() {
    for (config, expected) in [
        ("daemonize true\nport <%= p %>\n", "port <%= p %>\n"),
        ("daemonize <%= x %>\n", "daemonize <%= x %>\n"),
        ("daemonize true <% if x %>\nport 1\n<% end %>\n", "daemonize true <% if x %>\nport 1\n<% end %>\n"),
        ("<% if x %>\ndaemonize\n<% end %>\n", "<% if x %>\n<% end %>\n"),
        ("on_worker_boot { <%= x %> }\n", "before_worker_boot { <%= x %> }\n"),
    ] {
        let folder = project(&[("config/puma.rb.erb", config)]);
        lint(folder.path(), &["fix", "--unsafe", "--target-version", "8.0.2"]);
        let fixed = fs::read_to_string(folder.path().join("config/puma.rb.erb")).unwrap();
        assert_eq!(fixed, expected, "{config}");
    }
}

#[test]
fn a_file_under_its_real_name_may_be_a_template() {
    let files = [
        ("config/puma.rb", "pidfile \"{{ root }}/a.pid\"\nworkers {{ n }}\n"),
        ("web.service", "[Service]\nType=notify\nWorkingDirectory={{ root }}\nExecStart=/bin/puma\n"),
        (
            "web.monit",
            "check process puma with pidfile {{ root }}/b.pid\n  start program = \"/bin/systemctl start web\"\n",
        ),
    ];
    assert_eq!(found(&files), ["error pidfile-mismatch"]);
    // A hash in a block, and `%w` in braces, are Ruby.
    assert_eq!(
        found(&[("config/puma.rb", "x = [1].map {{}}\ny = [1].map {%w[a]}\n)\n")]),
        ["error syntax-error"]
    );
}

#[test]
fn show_says_what_a_template_decides() {
    let config = "pidfile \"<%= fetch(:pid) %>\"\nworkers <%= n %>\nstate_path '<%= shared %>/web.state'\n";
    let folder = project(&[("config/puma.rb.erb", config)]);
    let output = lint(folder.path(), &["show", "--target-version", "8.0.2"]);
    let shown = stdout(&output);
    assert_no_stand_in(&shown);
    assert!(shown.contains("not known: a template decides it: `<%= fetch(:pid) %>`"), "{shown}");
    assert!(shown.contains("not known: a template decides it: `<%= n %>`"), "{shown}");
    assert!(shown.contains("<%= shared %>/web.state"), "{shown}");
    let output = lint(folder.path(), &["show", "--format", "json", "--target-version", "8.0.2"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_no_stand_in(&stdout(&output));
    let pidfile = &json["launches"][0]["options"]["pidfile"];
    assert_eq!(pidfile["status"], "unknown");
    assert_eq!(pidfile["reason"], "a template decides it: `<%= fetch(:pid) %>`");
}

#[test]
fn a_template_is_migrated_by_its_fixes_alone() {
    let folder = support::bundled("broken-erb-templates");
    let output = lint(folder.path(), &["migrate", "--user", "deploy"]);
    let shown = stdout(&output);
    assert_no_stand_in(&shown);
    assert!(shown.contains("+Type=notify"), "{shown}");
    assert!(
        shown.contains("  deploy as ever: what the templates make replaces the files there\n"),
        "{shown}"
    );
    assert!(!shown.contains("/dev/null") && !shown.contains("sudo"), "{shown}");
}
