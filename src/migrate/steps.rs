//! What is left to do on the server, as commands.

/// What the steps speak of.
pub(super) struct Names<'a> {
    /// The unit's file here.
    pub unit_path: &'a str,
    /// The unit: `shop.service`.
    pub unit: &'a str,
    /// Whether there was a unit before.
    pub had_unit: bool,
    /// The Monit file here, if Monit watches the app.
    pub monit_path: Option<&'a str>,
    /// The check's name.
    pub check: &'a str,
    /// Whether Monit watches it already.
    pub was_watched: bool,
    /// The pidfile that the daemon of today writes, if it is known.
    pub old_pidfile: Option<&'a str>,
    /// The pidfile from now on.
    pub pidfile: Option<&'a str>,
}

/// The commands, in order, each with a word on what it does where that isn't plain.
pub(super) fn steps(names: &Names<'_>) -> Vec<String> {
    let Names { unit_path, unit, check, .. } = names;
    let mut steps = Vec::new();
    if names.was_watched {
        steps.push(format!("sudo monit unmonitor {check}   # or Monit restarts what you stop"));
    }
    steps.push(match names.old_pidfile {
        _ if names.had_unit => {
            format!("sudo systemctl stop {unit}   # with the unit that started the daemon")
        }
        Some(pidfile) => format!("kill -TERM \"$(cat {pidfile})\"   # the daemon that still holds the port"),
        None => "stop the Puma that still runs as a daemon: it holds the port".to_owned(),
    });
    steps.push(format!("sudo cp {unit_path} /etc/systemd/system/{unit}"));
    steps.push("sudo systemctl daemon-reload".to_owned());
    steps.push(format!("sudo systemctl enable --now {unit}"));
    steps.push(format!("systemctl status {unit}   # active (running), and its Main PID is Puma"));
    if let Some(pidfile) = names.pidfile {
        steps.push(format!("cat {pidfile}   # the same PID"));
    }
    if let Some(path) = names.monit_path {
        let file = path.rsplit('/').next().unwrap_or(path);
        steps.push(format!(
            "sudo cp {path} /etc/monit/conf.d/{file}   # or wherever Monit's control file includes it"
        ));
        steps.push("sudo monit -t && sudo monit reload".to_owned());
        steps.push(format!("sudo monit monitor {check} && sudo monit summary"));
    }
    steps
}
