//! From the text of a settings file to what it says, or to everything that is wrong with it.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::keys::{DEPLOYMENT, Key, SEVERITIES, TOP};
use super::{File, Problem, Tie, Wrong, nearest};
use crate::catalog::{Release, Version};
use crate::model::{Severity, Source, Span};
use crate::workspace;

/// A version as people ask for it: `8`, `8.0` or `8.0.2`. The error is what to say.
pub fn asked_version(text: &str) -> Result<Version, String> {
    let version: Version = text.parse().map_err(|_| "expected a version like 8, 8.0 or 8.0.2".to_owned())?;
    if Release::resolve(&version).is_older_than_known() {
        return Err(format!("nothing is known of Puma before {}", Release::oldest()));
    }
    Ok(version)
}

/// Reads a file; on failure gives it back with all that is wrong, in order.
pub(super) fn read(source: Source, rules: &[&str]) -> Result<File, Box<Wrong>> {
    let text = match std::str::from_utf8(source.bytes()) {
        Ok(text) => text.to_owned(),
        Err(error) => {
            let at = error.valid_up_to();
            let problem = Problem {
                span: Span::new(at, at + 1),
                message: "this byte is not UTF-8, which TOML has to be".to_owned(),
                help: None,
            };
            return Err(Box::new(Wrong { source, problems: vec![problem] }));
        }
    };
    let table = match DeTable::parse(&text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let span = error.span().map_or(Span::at(0), span);
            let message = format!("not TOML: {}", error.message().lines().next().unwrap_or_default());
            let problems = vec![Problem { span, message, help: None }];
            return Err(Box::new(Wrong { source, problems }));
        }
    };
    let dir = source.path().parent().unwrap_or(Path::new("")).to_owned();
    let mut reader = Reader { rules, dir: dir.clone(), problems: Vec::new() };
    let mut file = File {
        source,
        dir,
        target: None,
        from: None,
        fail_on: None,
        select: None,
        ignore: Vec::new(),
        exclude: Vec::new(),
        severity: Default::default(),
        deployments: Vec::new(),
        places: Default::default(),
    };
    reader.top(&table, &mut file);
    let mut problems = reader.problems;
    problems.sort_by_key(|problem| problem.span);
    if problems.is_empty() { Ok(file) } else { Err(Box::new(Wrong { source: file.source, problems })) }
}

fn span(range: Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

struct Reader<'a> {
    rules: &'a [&'a str],
    dir: PathBuf,
    problems: Vec<Problem>,
}

type Value<'i> = Spanned<DeValue<'i>>;

impl Reader<'_> {
    fn top(&mut self, table: &DeTable<'_>, file: &mut File) {
        for (key, value) in table {
            file.places.insert(key.get_ref().to_string(), span(key.span()));
            match key.get_ref().as_ref() {
                "target-version" => file.target = self.version(value),
                "from" => file.from = self.version(value),
                "fail-on" => file.fail_on = self.severity(value, &SEVERITIES[1..]).flatten(),
                "select" => file.select = Some(self.rule_names(value)),
                "ignore" => file.ignore = self.rule_names(value),
                "exclude" => file.exclude = self.patterns(value),
                "severity" => self.severities(value, file),
                "deployment" => self.deployments(value, file),
                name => self.unknown(span(key.span()), name, TOP, "key"),
            }
        }
    }

    fn problem(&mut self, at: Range<usize>, message: impl Into<String>, help: Option<String>) {
        self.problems.push(Problem { span: span(at), message: message.into(), help });
    }

    fn unknown(&mut self, span: Span, name: &str, known: &[Key], what: &str) {
        let names = || known.iter().map(|key| key.name);
        let help = match nearest(name, names()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("known here: {}", names().collect::<Vec<_>>().join(", ")),
        };
        self.problems.push(Problem { span, message: format!("unknown {what} `{name}`"), help: Some(help) });
    }

    /// Says that a value is of the wrong type.
    fn wrong(&mut self, value: &Value<'_>, wanted: &str) {
        let is = match value.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.problem(value.span(), format!("expected {wanted}, and this is {is}"), None);
    }

    fn text<'v>(&mut self, value: &'v Value<'_>, wanted: &str) -> Option<&'v str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong(value, wanted);
        }
        text
    }

    fn array<'v, 'i>(&mut self, value: &'v Value<'i>, wanted: &str) -> Option<&'v DeArray<'i>> {
        let array = value.get_ref().as_array();
        if array.is_none() {
            self.wrong(value, wanted);
        }
        array
    }

    fn version(&mut self, value: &Value<'_>) -> Option<Version> {
        if let DeValue::Integer(_) | DeValue::Float(_) = value.get_ref() {
            let help = "put it in quotes: 8.10 and 8.1 are one number and two versions".to_owned();
            self.problem(value.span(), "expected a version in quotes, and this is a number", Some(help));
            return None;
        }
        let text = self.text(value, "a version in quotes")?;
        match asked_version(text) {
            Ok(version) => Some(version),
            Err(words) => {
                self.problem(
                    value.span(),
                    format!("`{text}` is no version that can be checked"),
                    Some(words),
                );
                None
            }
        }
    }

    /// A severity of those listed; `off` is `None`.
    fn severity(&mut self, value: &Value<'_>, known: &[&str]) -> Option<Option<Severity>> {
        let list = known.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        let text = self.text(value, &format!("one of {list}"))?;
        let all = [Severity::Info, Severity::Warning, Severity::Error];
        match all.into_iter().find(|severity| severity.name() == text) {
            Some(severity) => Some(Some(severity)),
            None if text == "off" && known.contains(&"off") => Some(None),
            None => {
                let meant =
                    nearest(text, known.iter().copied()).map(|meant| format!("did you mean \"{meant}\"?"));
                let help = meant.unwrap_or_else(|| format!("known: {list}"));
                self.problem(value.span(), format!("`{text}` is no severity"), Some(help));
                None
            }
        }
    }

    fn known_rule(&mut self, at: Range<usize>, name: &str) -> bool {
        if self.rules.contains(&name) {
            return true;
        }
        let meant = nearest(name, self.rules.iter().copied()).map(|meant| format!("did you mean `{meant}`?"));
        let help = meant.unwrap_or_else(|| "`puma-lint rules` lists them".to_owned());
        self.problem(at, format!("there is no rule `{name}`"), Some(help));
        false
    }

    fn rule_names(&mut self, value: &Value<'_>) -> Vec<String> {
        let names = self.texts(value, "a list of rules");
        names
            .into_iter()
            .filter(|(at, name)| self.known_rule(at.clone(), name))
            .map(|(_, name)| name)
            .collect()
    }

    /// The texts of a list, each with its place.
    fn texts(&mut self, value: &Value<'_>, wanted: &str) -> Vec<(Range<usize>, String)> {
        let Some(array) = self.array(value, wanted) else { return Vec::new() };
        let mut texts = Vec::new();
        for value in array.iter() {
            if let Some(text) = self.text(value, "a text in quotes") {
                texts.push((value.span(), text.to_owned()));
            }
        }
        texts
    }

    fn patterns(&mut self, value: &Value<'_>) -> Vec<String> {
        let patterns = self.texts(value, "a list of patterns");
        for (at, pattern) in &patterns {
            if let Err(workspace::BadPattern(why)) = workspace::check_pattern(pattern) {
                self.problem(at.clone(), format!("`{pattern}` is no pattern: {why}"), None);
            }
        }
        patterns.into_iter().map(|(_, pattern)| pattern).collect()
    }

    fn severities(&mut self, value: &Value<'_>, file: &mut File) {
        let Some(table) = value.get_ref().as_table() else {
            return self.wrong(value, "a table of rules and severities");
        };
        for (rule, value) in table {
            let known = self.known_rule(rule.span(), rule.get_ref());
            if let (Some(severity), true) = (self.severity(value, SEVERITIES), known) {
                file.severity.insert(rule.get_ref().to_string(), severity);
                file.places.insert(format!("severity.{}", rule.get_ref()), span(rule.span()));
            }
        }
    }

    fn deployments(&mut self, value: &Value<'_>, file: &mut File) {
        let wanted = "tables, each under [[deployment]]";
        let Some(array) = self.array(value, wanted) else { return };
        for value in array.iter() {
            let Some(table) = value.get_ref().as_table() else {
                self.wrong(value, wanted);
                continue;
            };
            file.deployments.push(self.deployment(value, table));
            file.places.insert(format!("deployment.{}", file.deployments.len()), span(value.span()));
        }
    }

    fn deployment(&mut self, value: &Value<'_>, table: &DeTable<'_>) -> Tie {
        let mut tie = Tie::default();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "config" => tie.configs = self.paths(value),
                "units" => tie.units = self.paths(value),
                "monit" => tie.monit = self.paths(value),
                "checks" => {
                    let names = self.texts(value, "a list of Monit checks");
                    tie.checks = Some(names.into_iter().map(|(_, name)| name).collect());
                }
                "root" => tie.root = self.server_path(value),
                "target-version" => tie.target = self.version(value),
                "from" => tie.from = self.version(value),
                name => self.unknown(span(key.span()), name, DEPLOYMENT, "key"),
            }
        }
        let names = ["config", "units", "monit"];
        if !names.iter().any(|name| table.contains_key(*name)) {
            let help = "say which files are meant: config, units or monit".to_owned();
            self.problem(value.span(), "this deployment names no file", Some(help));
        }
        if tie.checks.is_some() && !table.contains_key("monit") {
            let help = "say in which Monit files the checks are: monit = [\"…\"]".to_owned();
            self.problem(value.span(), "this deployment names checks and no Monit file", Some(help));
        }
        tie
    }

    /// One path or a list of paths, each of which is there.
    fn paths(&mut self, value: &Value<'_>) -> Vec<PathBuf> {
        let texts = match value.get_ref() {
            DeValue::String(text) => vec![(value.span(), text.to_string())],
            _ => self.texts(value, "a path or a list of paths"),
        };
        let mut paths = Vec::new();
        for (at, text) in texts {
            match workspace::place(&self.dir.join(&text)) {
                Some(path) => paths.push(path),
                None => {
                    let help = "paths are relative to the folder of this file".to_owned();
                    self.problem(at, format!("there is no `{text}`"), Some(help));
                }
            }
        }
        paths
    }

    fn server_path(&mut self, value: &Value<'_>) -> Option<String> {
        let text = self.text(value, "a path on the server")?;
        if !text.starts_with('/') {
            let help = "the app's root on the server, such as \"/srv/shop/current\"".to_owned();
            self.problem(value.span(), format!("`{text}` is no absolute path"), Some(help));
            return None;
        }
        let trimmed = text.trim_end_matches('/');
        Some(if trimmed.is_empty() { "/" } else { trimmed }.to_owned())
    }
}
