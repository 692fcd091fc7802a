//! Drafts a unit from how Puma is started today, and lets the rules judge it.

use std::collections::BTreeMap;
use std::path::Path;

use super::app::Run;
use super::look::Look;
use super::start::{Start, Untranslatable};
use super::unit::Draft;
use crate::lint;
use crate::model::{FileKind, Source};
use crate::secrets::is_secret_name;

/// The variables that say which environment an app runs in.
const ENVIRONMENT: &[&str] = &["APP_ENV", "RACK_ENV", "RAILS_ENV"];

/// A stop that takes longer than this many seconds needs a time-out of its own: systemd waits 90.
const PATIENCE: u64 = 80;

/// How many seconds systemd waits beyond what the config gives to requests.
const BEYOND: u64 = 15;

/// Folders whose names say nothing of the app in them.
const GENERAL: &[&str] = &["", "app", "current", "html", "src", "www"];

impl Run<'_> {
    /// Drafts a unit, lets the rules judge it, and adds it. Whether it could be drafted.
    pub fn add_unit(&mut self, look: &Look) -> bool {
        let start = match &look.start {
            Ok(start) => start.clone(),
            Err(Untranslatable { word }) => {
                self.ask(
                    format!(
                        "how should a unit start Puma? Today's command uses `{word}`, which only a shell understands: \
                         write the unit by hand, and run this again"
                    ),
                    None,
                );
                return false;
            }
        };
        let directory = self.directory(look, &start);
        let user = self.answers.user.clone().or_else(|| start.user.clone());
        if user.is_none() {
            self.ask("as whom does Puma run? Without User= it is root", Some("--user"));
        }
        let app = app_name(&directory, &look.dir);
        let checked = look.check.as_ref().map(|(_, name)| plain_name(name));
        let deployed = look.deploy.as_ref().and_then(|deploy| deploy.unit.clone());
        let name = deployed.or(checked).unwrap_or_else(|| app.clone());
        let draft = Draft {
            app,
            kind: "notify",
            user,
            directory,
            variables: self.variables(&start),
            command: start.command,
            pidfile: None,
            reload: "USR1",
            runtime_directory: None,
            stop: look.stop.filter(|seconds| *seconds > PATIENCE).map(|seconds| seconds + BEYOND),
        };
        let path = self.free_path(look, &name, "service");
        self.judge(look, draft, &path);
        true
    }

    /// Where the app lies on the server.
    fn directory(&mut self, look: &Look, start: &Start) -> String {
        if let Some(directory) = self.answers.directory.clone().or_else(|| start.directory.clone()) {
            return directory;
        }
        let here = look.dir.to_string_lossy().into_owned();
        self.ask(
            format!("does the app lie in {here} on the server, too? Nothing here says where"),
            Some("--directory"),
        );
        here
    }

    /// The variables for the unit; what is secret stays out of it.
    fn variables(&mut self, start: &Start) -> Vec<(String, String)> {
        let mut variables = Vec::new();
        for (name, value) in &start.variables {
            if is_secret_name(name) {
                self.ask(
                    format!("where should the unit read {name} from? Everybody may read a unit: name a file for it in EnvironmentFile="),
                    None,
                );
            } else if self.answers.environment.is_none() || !ENVIRONMENT.contains(&name.as_str()) {
                variables.push((name.clone(), value.clone()));
            }
        }
        let environment = self.answers.environment.clone();
        variables.extend(environment.map(|environment| ("RAILS_ENV".to_owned(), environment)));
        variables
    }

    /// Changes the draft by what the rules say of it, and adds it.
    fn judge(&mut self, look: &Look, mut draft: Draft, path: &Path) {
        let shown = look.show(path);
        let source = |draft: &Draft| Source::new(&*shown, path, FileKind::Systemd, draft.text().into_bytes());
        self.decide(&shown, "a new unit", "it starts Puma as it is started today");
        let tried = self.workspace.with_file(source(&draft));
        let findings = lint::lint(&tried, self.options).findings;
        let found = |rules: &[&str]| {
            let mut diagnostics = findings.iter().map(|finding| &finding.diagnostic);
            diagnostics.any(|d| rules.contains(&d.rule) && tried.source(d.location.file).path() == path)
        };
        if found(&["notify-unsupported", "notify-from-child"]) {
            draft.kind = "simple";
            self.decide(&shown, "Type=simple", format!("Puma {} tells systemd nothing", look.target));
        } else {
            self.decide(
                &shown,
                "Type=notify",
                format!("Puma {} tells systemd when it is ready", look.target),
            );
        }
        let phased = !found(&["phased-restart-unavailable"]);
        self.workspace = tried;
        let Some(now) = self.look_again(&look.dir) else { return };
        if phased && now.is_clustered {
            self.decide(&shown, "ExecReload= sends USR1", "a phased restart, worker by worker");
        } else {
            draft.reload = "USR2";
            self.decide(&shown, "ExecReload= sends USR2", "a full restart, as no phased one is possible");
        }
        self.decide(&shown, "Restart=always", "systemd starts it again whenever it ends");
        if !draft.command.starts_with('/') {
            let program = draft.command.split(' ').next().unwrap_or_default();
            let why = format!(
                "systemd looks in /usr/local/bin and /usr/bin only; if `command -v {program}` says otherwise on the \
                 server, write the whole path"
            );
            self.decide(&shown, format!("ExecStart={program} …"), why);
        }
        if let Some(folder) = now.run_folder() {
            let why = "the pidfile lies below /run, where only root makes folders";
            self.decide(&shown, format!("RuntimeDirectory={folder}"), why);
            draft.runtime_directory = Some(folder);
        }
        if now.is_development {
            self.ask(
                "which environment does the app run in? Nothing here names one: it is development",
                Some("--environment"),
            );
        }
        if let Some(file) = self.workspace.find(path) {
            self.workspace =
                self.workspace.with_overlay(&BTreeMap::from([(file, draft.text().into_bytes())]));
        }
    }
}

/// The app's name: of its folder on the server, else of its folder here.
fn app_name(directory: &str, here: &Path) -> String {
    let here = here.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    plain_name(directory.rsplit('/').find(|part| !GENERAL.contains(part)).unwrap_or(&here))
}

/// A name that may be a unit's.
fn plain_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '-' };
    let name: String = name.chars().map(plain).collect();
    let name = name.trim_start_matches(['.', '-']).to_owned();
    if name.chars().any(|c| c.is_ascii_alphanumeric()) { name } else { "puma".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_called_by_its_folder() {
        let here = Path::new("/home/me/Shop No 1");
        assert_eq!(app_name("/srv/shop/current", here), "shop");
        assert_eq!(app_name("/app", here), "Shop-No-1");
        assert_eq!(app_name("/", Path::new("/")), "puma");
        assert_eq!(plain_name("läden"), "l-den");
        assert_eq!(plain_name("::"), "puma");
        assert_eq!(plain_name(".x"), "x");
    }
}
