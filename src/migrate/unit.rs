//! A new unit for Puma.

use super::words::{assignment, in_unit};

/// What a new unit says.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// The app's name.
    pub app: String,
    /// `Type=`
    pub kind: &'static str,
    /// `User=`
    pub user: Option<String>,
    /// `WorkingDirectory=`
    pub directory: String,
    /// `Environment=`
    pub variables: Vec<(String, String)>,
    /// `ExecStart=`, without the pidfile.
    pub command: String,
    /// What `--pidfile` says, where the config says nothing.
    pub pidfile: Option<String>,
    /// The signal of `ExecReload=`.
    pub reload: &'static str,
    /// `RuntimeDirectory=`
    pub runtime_directory: Option<String>,
    /// `TimeoutStopSec=`, in seconds.
    pub stop: Option<u64>,
}

impl Draft {
    /// The text of the unit.
    pub fn text(&self) -> String {
        let mut lines = vec![
            "[Unit]".to_owned(),
            format!("Description=Puma of {}", self.app.replace('%', "%%")),
            "After=network.target".to_owned(),
            String::new(),
            "[Service]".to_owned(),
            format!("Type={}", self.kind),
        ];
        lines.extend(self.user.as_ref().map(|user| format!("User={user}")));
        lines.push(format!("WorkingDirectory={}", self.directory.replace('%', "%%")));
        let variables = self.variables.iter();
        lines.extend(variables.map(|(name, value)| format!("Environment={}", assignment(name, value))));
        lines.extend(self.runtime_directory.as_ref().map(|name| format!("RuntimeDirectory={name}")));
        lines.push(format!("ExecStart={}", self.exec_start()));
        lines.push(format!("ExecReload=/bin/kill -{} $MAINPID", self.reload));
        lines.extend(self.stop.map(|seconds| format!("TimeoutStopSec={seconds}")));
        lines.extend(
            ["Restart=always", "RestartSec=1", "", "[Install]", "WantedBy=multi-user.target", ""]
                .map(str::to_owned),
        );
        lines.join("\n")
    }

    fn exec_start(&self) -> String {
        let Some(pidfile) = &self.pidfile else { return self.command.clone() };
        with_pidfile(&self.command, pidfile)
    }
}

/// A command with `--pidfile` behind it; inside of the quotes where a shell reads it.
pub(super) fn with_pidfile(command: &str, pidfile: &str) -> String {
    match command.strip_suffix('\'') {
        Some(line) => format!("{line} --pidfile {}'", in_unit(pidfile)),
        None => format!("{command} --pidfile {}", in_unit(pidfile)),
    }
}
