//! What logrotate tells Puma after it has moved the log files away.
//!
//! Observed with Puma 5.6.5: HUP opens the files of `stdout_redirect` anew, in the master and in the workers, and stops a
//! Puma without them. USR1 restarts the workers, which go on writing into the old file.

use super::app::Run;
use super::look::Look;
use crate::model::Word;
use crate::puma::command_line::{Program, shell_invocations, signal};
use crate::workspace::rotations;

/// What is told, and where that is written.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    /// The line, from 1.
    line: usize,
    /// The signal or the command of `pumactl`.
    what: String,
}

/// The lines between `postrotate` and `endscript` that tell Puma something.
fn told(text: &str) -> Vec<Told> {
    let mut inside = false;
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        match line.trim() {
            "postrotate" => inside = true,
            "endscript" => inside = false,
            command if inside && command.contains("puma") => {
                let runs = shell_invocations(&Word::plain(command, 0));
                let what = runs.iter().find_map(|run| match run.program {
                    Program::Kill => signal(run).map(|(name, _)| name),
                    Program::Pumactl => run.arguments.last().map(|word| word.text().to_owned()),
                    _ => None,
                });
                found.extend(what.map(|what| Told { line: at + 1, what }));
            }
            _ => {}
        }
    }
    found
}

impl Run<'_> {
    /// Says what logrotate has to tell Puma from now on.
    pub fn mind_logrotate(&mut self, look: &Look, unit: &str) {
        for (path, text) in rotations(&look.dir) {
            let shown = look.show(&path);
            for Told { line, what } in told(&text) {
                self.steps.push(if look.redirects {
                    let why = match what.as_str() {
                        "HUP" => "by the unit's name instead of a pidfile",
                        "USR1" | "phased-restart" => "USR1 leaves Puma writing into the old file",
                        _ => "HUP opens the log files anew, and restarts nothing",
                    };
                    format!("in {shown}:{line}: systemctl kill --kill-who=main -s HUP {unit}   # {why}")
                } else {
                    format!(
                        "in {shown}: `copytruncate` instead of the script in line {line}   # {what} opens no file of systemd's \
                         anew, and HUP would stop this Puma"
                    )
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_runs_after_a_rotation_counts() {
        for (script, want) in [
            ("kill -HUP $(cat /srv/shop/shared/puma.pid)", Some("HUP")),
            ("[ -f /x/puma.pid ] && kill -USR1 `cat /x/puma.pid`", Some("USR1")),
            ("cd /srv/shop && bundle exec pumactl -P puma.pid phased-restart", Some("phased-restart")),
            ("systemctl reload nginx", None),
            ("kill -HUP $(cat /run/nginx.pid)", None),
            ("\u{0}puma 'kill", None),
        ] {
            let text = format!(
                "# kill -USR2 puma\n/log/*.log {{\n  daily\n  postrotate\n    {script}\n  endscript\n}}\n"
            );
            let found: Vec<Told> =
                want.iter().map(|what| Told { line: 5, what: (*what).to_owned() }).collect();
            assert_eq!(told(&text), found, "{script}");
        }
    }
}
