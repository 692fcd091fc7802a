//! Having checked nothing is not the same as having found nothing.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use support::{json, lint, project, stderr, stdout};

const LOCK: &str = "GEM\n  specs:\n    puma (6.4.2)\n\nRUBY VERSION\n   ruby 3.2.0\n";

#[test]
fn nothing_of_ours_is_an_error() {
    let folder =
        project(&[("puma.rb", "Eye.application 'x' do\nend\n"), ("notes.txt", "hello"), ("lib/x", "")]);
    for arguments in
        [&["puma.rb"][..], &["."], &["lib"], &["notes.txt"], &["fix", "puma.rb"], &["puma.rb", "--exit-zero"]]
    {
        let output = lint(folder.path(), arguments);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""), "{arguments:?}");
        assert!(!stderr(&output).is_empty(), "{arguments:?}");
    }
    let output = lint(folder.path(), &["puma.rb"]);
    assert!(stderr(&output).contains("looks like an Eye config"), "{}", stderr(&output));
    assert!(stderr(&output).contains("nothing to check"), "{}", stderr(&output));
    assert_eq!(json(folder.path(), &["puma.rb"])["files"].as_array().unwrap().len(), 0);
}

#[test]
fn a_lock_without_anything_beside_it_is_checked_itself() {
    let folder = project(&[("Gemfile.lock", LOCK)]);
    let output = lint(folder.path(), &["Gemfile.lock"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), "1 file checked for Puma 6.4.2 (Gemfile.lock): Gemfile.lock: no findings\n");
    let old = project(&[("Gemfile.lock", &LOCK.replace("3.2.0", "2.3.0"))]);
    let output = lint(old.path(), &["Gemfile.lock", "--format", "concise"]);
    assert!(stdout(&output).contains("error[old-ruby]"), "{}", stdout(&output));
}

#[test]
fn a_lock_that_decides_nothing_stops_no_commit() {
    let jekyll = LOCK.replace("puma", "jekyll");
    let folder =
        project(&[("docs/Gemfile.lock", &jekyll), ("config/puma.rb", "port 1\n"), (".git/HEAD", "")]);
    let output = lint(folder.path(), &["docs/Gemfile.lock"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stderr(&output).contains("docs/Gemfile.lock: decides nothing here"), "{}", stderr(&output));
}

#[test]
fn a_hook_names_whatever_changed() {
    let folder = project(&[
        ("nginx.conf", "server { }\n"),
        ("config/puma/eye.rb", "Eye.application 'x' do\nend\n"),
        ("old/puma.rb", "daemonize\n"),
        ("config/puma.rb", "port 1\n"),
        (".git/HEAD", ""),
    ]);
    let hook = ["--skip-unknown", "--force-exclude", "--exclude", "old"];
    for (named, said) in [
        (&["nginx.conf"][..], "what is named here is of no known kind: nothing was checked"),
        (&["config/puma/eye.rb"], "what is named here is of no known kind: nothing was checked"),
        (&["nginx.conf", "config/puma/eye.rb"], "all that is named here is of no known kind"),
        (&["nginx.conf", "old/puma.rb"], "all that is named here is excluded or of no known kind"),
        (&["old/puma.rb"], "what is named here is excluded: nothing was checked"),
    ] {
        for verb in ["check", "fix"] {
            let output = lint(folder.path(), &[&[verb], &hook[..], named].concat());
            assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""), "{verb} {named:?}");
            assert!(stderr(&output).contains(said), "{verb} {named:?}: {}", stderr(&output));
        }
    }
    let output = lint(folder.path(), &[&hook[..], &["nginx.conf", "config/puma.rb"]].concat());
    assert!(stdout(&output).contains("1 file checked"), "{}{}", stdout(&output), stderr(&output));

    // Only what nobody knows is passed over: neither what is not there, nor a folder with nothing in it.
    for named in ["gone.conf", "old"] {
        let output = lint(folder.path(), &["--skip-unknown", "--exclude", "puma.rb", named, "nginx.conf"]);
        assert_eq!(output.status.code(), Some(2), "{named}: {}", stderr(&output));
    }
}

#[test]
fn a_file_that_another_one_names_is_known() {
    let unit = "[Service]\nWorkingDirectory=/srv/shop\nEnvironmentFile=/srv/shop/config/puma.env\nExecStart=/usr/bin/puma --daemon\n";
    let folder = project(&[
        ("shop.service", unit),
        ("config/puma.env", "A=1\n"),
        ("config/puma.rb", "port 1\n"),
        (".git/HEAD", ""),
    ]);
    for arguments in [&["config/puma.env"][..], &["--skip-unknown", "config/puma.env"]] {
        let output = lint(folder.path(), &[arguments, &["--format", "concise"]].concat());
        assert!(stdout(&output).contains("error[removed-flag]"), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn a_script_named_by_hand_is_known_as_one_that_is_found() {
    let script = "#!/bin/sh\nbundle exec puma --daemon\n";
    let folder = project(&[("tools/serve", script), ("bin/serve", script)]);
    for path in ["tools/serve", "bin/serve"] {
        assert_eq!(json(folder.path(), &[path])["files"][0]["kind"], "script", "{path}");
    }
}
