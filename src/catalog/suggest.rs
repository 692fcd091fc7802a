//! What a misspelled name was meant to be.

use super::directive::{Directive, directives};
use super::flag::{Flag, Program};
use super::release::Release;

/// How alike two names have to be, from 0 to 1.
const ALIKE: f64 = 0.84;

/// A name without what is easily mistyped: underscores, dashes, a mark at its end.
fn folded(name: &str) -> String {
    name.trim_end_matches(['!', '?']).replace(['_', '-'], "").to_ascii_lowercase()
}

/// The directive of `release` that `name` is nearest to, if it is near at all.
pub fn did_you_mean(name: &str, release: Release) -> Option<&'static Directive> {
    nearest(name, directives().filter(|directive| directive.exists(release)), |directive| directive.name)
}

/// The flag of `release` that `long` (without dashes) is nearest to, if it is near at all.
pub fn did_you_mean_flag(long: &str, program: Program, release: Release) -> Option<&'static Flag> {
    nearest(long, program.flags().iter().filter(|flag| flag.exists(release)), |flag| flag.long)
}

fn nearest<T: Copy>(name: &str, all: impl Iterator<Item = T>, key: impl Fn(T) -> &'static str) -> Option<T> {
    let folded_name = folded(name);
    let alike = |candidate: T| {
        let key = key(candidate);
        if folded(key) == folded_name { 1.0 } else { strsim::jaro_winkler(key, name) }
    };
    all.map(|candidate| (alike(candidate), candidate))
        .filter(|(alike, candidate)| {
            // Jaro-Winkler makes much of a common beginning; the distance keeps it honest.
            *alike >= ALIKE
                && (*alike == 1.0 || strsim::damerau_levenshtein(key(*candidate), name) <= 1 + name.len() / 5)
        })
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let newest = Release::newest();
        for (wrong, right) in [
            ("preload_app", "preload_app!"),
            ("pid_file", "pidfile"),
            ("enable_keep_alive", "enable_keep_alives"),
            ("woker_timeout", "worker_timeout"),
            ("statepath", "state_path"),
        ] {
            assert_eq!(did_you_mean(wrong, newest).map(|found| found.name), Some(right), "{wrong}");
        }
        for far in ["umask", "user", "group", "leak_stack_on_error", "daemonize", "set"] {
            assert_eq!(did_you_mean(far, newest).map(|found| found.name), None, "{far}");
        }
        assert_eq!(
            did_you_mean_flag("pid-file", Program::Puma, newest).map(|flag| flag.long),
            Some("pidfile")
        );
    }
}
