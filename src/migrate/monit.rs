//! A new Monit check for a Puma that systemd runs.

/// How many seconds Monit gives systemd beyond what systemd gives Puma.
const BEYOND: u64 = 10;

/// systemd's own time-out for a stop, in seconds.
const STOP: u64 = 90;

/// A check that finds Puma by its pidfile, and starts and stops it through systemd.
pub(super) fn check(name: &str, pidfile: &str, unit: &str, stop: Option<u64>) -> String {
    let start = STOP + BEYOND;
    let stop = stop.unwrap_or(STOP) + BEYOND;
    format!(
        "check process {name} with pidfile \"{pidfile}\"\n\
         \x20 start program = \"/bin/systemctl start {unit}\" with timeout {start} seconds\n\
         \x20 stop program = \"/bin/systemctl stop {unit}\" with timeout {stop} seconds\n"
    )
}
