//! Programs that run the rest of their words.

use crate::model::Word;

/// A wrapper that runs the rest of its words.
pub(super) struct Wrapper {
    pub(super) name: &'static str,
    /// Words that must follow the name before the command.
    subcommands: &'static [&'static str],
    /// Options that take a value.
    with_value: &'static [&'static str],
    /// How many plain words stand before the command (`timeout 5 CMD`).
    operands: usize,
    /// A word that ends the wrapper's own (`rvm 3.1 do CMD`, `chruby-exec 3.1 -- CMD`).
    until: Option<&'static str>,
}

const fn wrapper(name: &'static str) -> Wrapper {
    Wrapper { name, subcommands: &[], with_value: &[], operands: 0, until: None }
}

pub(super) const WRAPPERS: &[Wrapper] = &[
    Wrapper { subcommands: &["exec", "e"], with_value: &["--gemfile"], ..wrapper("bundle") },
    Wrapper { subcommands: &["exec", "e"], ..wrapper("bundler") },
    Wrapper { subcommands: &["exec"], ..wrapper("rbenv") },
    Wrapper { subcommands: &["exec"], ..wrapper("asdf") },
    Wrapper { until: Some("--"), ..wrapper("mise") },
    Wrapper { until: Some("do"), ..wrapper("rvm") },
    Wrapper { until: Some("--"), ..wrapper("chruby-exec") },
    Wrapper { operands: 1, ..wrapper("rvm-exec") },
    Wrapper { with_value: &["-u", "-g", "-C", "--user", "--group"], ..wrapper("sudo") },
    Wrapper { with_value: &["-u", "--unset", "-C", "--chdir"], ..wrapper("env") },
    Wrapper { with_value: &["-a"], ..wrapper("exec") },
    Wrapper { with_value: &["-n"], ..wrapper("nice") },
    Wrapper { with_value: &["-s", "-k"], operands: 1, ..wrapper("timeout") },
    wrapper("tini"),
    wrapper("dumb-init"),
    wrapper("catatonit"),
    wrapper("thrust"),
    Wrapper { operands: 1, ..wrapper("gosu") },
    Wrapper { operands: 1, ..wrapper("su-exec") },
    wrapper("nohup"),
    wrapper("setsid"),
    wrapper("chronic"),
    Wrapper { with_value: &["-c", "-n"], ..wrapper("ionice") },
    Wrapper { operands: 1, ..wrapper("taskset") },
    Wrapper { with_value: &["-C", "-i", "-m", "-N", "-p"], ..wrapper("numactl") },
    Wrapper { with_value: &["-e", "-i", "-o"], ..wrapper("stdbuf") },
    Wrapper { with_value: &["-t", "-p", "--identifier", "--priority"], ..wrapper("systemd-cat") },
    Wrapper { with_value: &["-w", "-E", "--timeout"], operands: 1, ..wrapper("flock") },
    Wrapper { with_value: &["-u", "-g", "-G", "--user", "--group"], ..wrapper("runuser") },
    Wrapper { with_value: &["--reuid", "--regid", "--groups"], ..wrapper("setpriv") },
    Wrapper { with_value: &["-u", "-U", "-e", "-n", "-m", "-/"], ..wrapper("chpst") },
    Wrapper { operands: 1, ..wrapper("setuidgid") },
    Wrapper { operands: 1, ..wrapper("s6-setuidgid") },
    Wrapper { operands: 1, ..wrapper("envdir") },
    Wrapper { with_value: &["-f"], ..wrapper("dotenv") },
    Wrapper { subcommands: &["exec"], operands: 1, ..wrapper("direnv") },
    Wrapper { until: Some("--"), ..wrapper("doppler") },
    Wrapper { until: Some("--"), ..wrapper("aws-vault") },
    Wrapper { until: Some("--"), ..wrapper("chamber") },
    Wrapper { until: Some("--"), ..wrapper("scl") },
    wrapper("command"),
    wrapper("time"),
    Wrapper { with_value: &["-I", "-r"], ..wrapper("ruby") },
    Wrapper { with_value: &["-I", "-r"], ..wrapper("jruby") },
    Wrapper { with_value: &["-I", "-r"], ..wrapper("rvm-auto-ruby") },
];

/// The wrappers without which the program would not be found, or not the right one.
pub(super) const FINDERS: &[&str] =
    &["bundle", "bundler", "rbenv", "asdf", "mise", "rvm", "chruby-exec", "rvm-exec", "ruby", "jruby", "scl"];

/// The wrappers that set variables of their own.
pub(super) const LOADERS: &[&str] = &["dotenv", "direnv", "doppler", "aws-vault", "chamber", "envdir"];

/// The words that a wrapper runs.
pub(super) fn unwrap<'a>(wrapper: &Wrapper, mut words: &'a [Word]) -> Option<&'a [Word]> {
    if let Some(until) = wrapper.until {
        let at = words.iter().position(|word| word.text() == until)?;
        return words.get(at + 1..);
    }
    if !wrapper.subcommands.is_empty() {
        let at = words.iter().position(|word| wrapper.subcommands.contains(&word.text()))?;
        words = &words[at + 1..];
    }
    while let Some((first, rest)) = words.split_first() {
        if first.text() == "--" {
            words = rest;
            break;
        }
        if !first.text().starts_with('-') || first.text().len() == 1 {
            break;
        }
        let skip = usize::from(takes_value(first.text(), wrapper.with_value));
        words = rest.get(skip..)?;
    }
    words.get(wrapper.operands..)
}

/// Whether the next word is an option's value: `-u`, and `-iu`, where letters are joined.
fn takes_value(option: &str, names: &[&str]) -> bool {
    let joined = option
        .strip_prefix('-')
        .filter(|letters| (2..5).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_alphabetic()))
        .map(|letters| format!("-{}", &letters[letters.len() - 1..]));
    names.contains(&option) || joined.is_some_and(|last| names.contains(&last.as_str()))
}

/// The value of an option that is given as a word of its own.
pub(super) fn value_of(words: &[Word], names: &[&str]) -> Option<Word> {
    let at = words.iter().position(|word| takes_value(word.text(), names))?;
    words.get(at + 1).cloned()
}
