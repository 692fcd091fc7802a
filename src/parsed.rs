//! Every file, parsed once.

use std::path::{Component, Path};

use crate::deployment::Lock;
use crate::docker;
use crate::model::{FileId, FileKind, Holes, Source, Span, Word, hole};
use crate::monit::{self, Control};
use crate::procfile;
use crate::ruby::{self, Rejection, Tree};
use crate::script;
use crate::systemd::{self, Context, EnvironmentFile, Manager, Unit, UnitName};
use crate::template::{self, Template};

/// What a file's own parser made of it.
pub enum Parsed {
    /// A Puma config, or why it isn't read.
    Puma(Result<Tree, Rejection>),
    /// A unit; its mistakes stand in it.
    Systemd(Unit),
    /// A Monit file; its mistakes stand in it.
    Monit(Control),
    /// A Procfile.
    Procfile(Vec<procfile::Process>),
    /// A Dockerfile.
    Dockerfile(Box<docker::Image>),
    /// A compose file.
    Compose(Box<docker::Compose>),
    /// A deploy file of Capistrano, or why it isn't read.
    Capistrano(Result<Tree, Rejection>),
    /// A shell script, as [`script::parse`] gives it.
    Script(Word),
    /// A lock.
    Lock(Lock),
    /// Our own settings, which were read before.
    Settings,
    /// A file of variables.
    Environment(EnvironmentFile),
    /// A Ruby file that a config requires, or why it isn't read.
    Ruby(Result<Tree, Rejection>),
    /// `.ruby-version`: the version without its `ruby-`, and where it stands, if that is what it holds.
    RubyVersion(Option<(String, Span)>),
}

/// All files of a run and what their parsers made of them, by [`FileId`].
pub struct Files<'a> {
    /// The sources.
    pub sources: &'a [Source],
    parsed: Vec<Parsed>,
    templates: Vec<Option<Template>>,
    holes: Holes,
}

impl<'a> Files<'a> {
    /// Parses every source.
    pub fn parse(sources: &'a [Source]) -> Self {
        let mut holes = Holes::default();
        let mut template = |source: &Source| {
            let told = || template::told_by_content(source.kind(), source.bytes());
            let language = source.template().or_else(told)?;
            Some(template::mask(source.bytes(), language, source.kind(), &mut holes))
        };
        let templates: Vec<_> = sources.iter().map(&mut template).collect();
        let parsed = sources.iter().zip(&templates).map(|(source, template)| {
            let bytes = template.as_ref().map_or(source.bytes(), |template| &template.masked);
            match source.kind() {
                FileKind::Puma => Parsed::Puma(ruby::parse(bytes)),
                FileKind::Systemd => {
                    let mut unit = systemd::parse_as(unit_name(source).kind(), bytes);
                    if let Some(template) = template {
                        forget_conditional(&mut unit, template);
                    }
                    Parsed::Systemd(unit)
                }
                FileKind::Monit => Parsed::Monit(monit::parse(bytes)),
                FileKind::Procfile => Parsed::Procfile(procfile::parse(bytes)),
                FileKind::Dockerfile => Parsed::Dockerfile(Box::new(docker::parse(bytes))),
                FileKind::Compose => Parsed::Compose(Box::new(docker::compose(bytes))),
                FileKind::Capistrano => Parsed::Capistrano(ruby::parse(bytes)),
                FileKind::Script => Parsed::Script(script::parse(bytes)),
                FileKind::Lock => Parsed::Lock(Lock::parse(bytes)),
                FileKind::Settings => Parsed::Settings,
                FileKind::Environment => Parsed::Environment(systemd::environment_file(bytes)),
                FileKind::Ruby => Parsed::Ruby(ruby::parse(bytes)),
                FileKind::RubyVersion => Parsed::RubyVersion(ruby_version(bytes)),
            }
        });
        Self { sources, parsed: parsed.collect(), templates, holes }
    }

    /// What a template's tags are, if the file is a template.
    pub fn template(&self, file: FileId) -> Option<&Template> {
        self.templates[file.0 as usize].as_ref()
    }

    /// What templates fill in, by the characters that stand for it.
    pub fn holes(&self) -> &Holes {
        &self.holes
    }

    /// The bytes that the file's parser read: of a template those without its tags.
    pub fn bytes(&self, file: FileId) -> &[u8] {
        self.template(file).map_or(self.source(file).bytes(), |template| &template.masked)
    }

    /// A file's text.
    pub fn source(&self, file: FileId) -> &'a Source {
        &self.sources[file.0 as usize]
    }

    /// What the parser made of a file.
    pub fn parsed(&self, file: FileId) -> &Parsed {
        &self.parsed[file.0 as usize]
    }

    /// The comments of a file, in order: all that its parser met.
    pub fn comments(&self, file: FileId) -> Vec<Span> {
        match self.parsed(file) {
            Parsed::Puma(Ok(tree)) | Parsed::Ruby(Ok(tree)) | Parsed::Capistrano(Ok(tree)) => {
                tree.comments.iter().map(|comment| comment.span).collect()
            }
            Parsed::Systemd(unit) => unit.comments.clone(),
            Parsed::Monit(control) => control.comments.clone(),
            Parsed::Procfile(_) | Parsed::Dockerfile(_) | Parsed::Compose(_) | Parsed::Script(_) => {
                let source = self.source(file);
                let lines = (0..source.line_count()).map(|line| source.line_span(line));
                lines.filter_map(|line| comment(source, line)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether `# …` in a line of its own is a comment in this file.
    pub fn takes_comments(&self, file: FileId) -> bool {
        match self.parsed(file) {
            Parsed::Puma(read) | Parsed::Ruby(read) | Parsed::Capistrano(read) => read.is_ok(),
            Parsed::Systemd(_) | Parsed::Monit(_) => true,
            Parsed::Procfile(_) | Parsed::Dockerfile(_) | Parsed::Compose(_) | Parsed::Script(_) => true,
            _ => false,
        }
    }

    /// The statements of a file: what a comment above or behind can mean. Each reaches down to the first that is nested
    /// in it.
    pub fn statements(&self, file: FileId) -> Vec<Span> {
        match self.parsed(file) {
            Parsed::Puma(Ok(tree)) | Parsed::Ruby(Ok(tree)) | Parsed::Capistrano(Ok(tree)) => {
                tree.statement_heads()
            }
            Parsed::Systemd(unit) => {
                let sections = unit.sections.iter().map(|section| section.span);
                unit.entries
                    .iter()
                    .map(|entry| entry.key_span.join(entry.value.span()))
                    .chain(sections)
                    .collect()
            }
            Parsed::Monit(control) => control.statement_heads(),
            Parsed::Procfile(_) | Parsed::Dockerfile(_) | Parsed::Script(_) => {
                continued_lines(self.source(file))
            }
            Parsed::Compose(compose) => yaml_lines(self.source(file), &compose.long_scalars),
            _ => Vec::new(),
        }
    }

    /// A config's tree, if it could be read.
    pub fn tree(&self, file: FileId) -> Option<&Tree> {
        match self.parsed(file) {
            Parsed::Puma(Ok(tree)) => Some(tree),
            _ => None,
        }
    }

    /// A deploy file's tree, if it could be read.
    pub fn deploy_file(&self, file: FileId) -> Option<&Tree> {
        match self.parsed(file) {
            Parsed::Capistrano(Ok(tree)) => Some(tree),
            _ => None,
        }
    }

    /// A unit.
    pub fn unit(&self, file: FileId) -> Option<&Unit> {
        match self.parsed(file) {
            Parsed::Systemd(unit) => Some(unit),
            _ => None,
        }
    }

    /// For which unit a unit file's values are read.
    pub fn context(&self, file: FileId) -> Context {
        let source = self.source(file);
        let names = source.made().components().map(|part| part.as_os_str());
        let of_user = names.clone().zip(names.skip(1)).any(|(a, b)| a == "systemd" && b == "user");
        let manager = if of_user { Manager::User } else { Manager::System };
        Context { manager, ..Context::system(unit_name(source)) }
    }

    /// A Monit file.
    pub fn control(&self, file: FileId) -> Option<&Control> {
        match self.parsed(file) {
            Parsed::Monit(control) => Some(control),
            _ => None,
        }
    }

    /// The file at a path on this machine.
    pub fn at(&self, path: &Path) -> Option<FileId> {
        let at = self.sources.iter().position(|source| source.path() == path)?;
        u32::try_from(at).ok().map(FileId)
    }

    /// The file that a path relative to another file leads to.
    pub fn beside(&self, file: FileId, name: &str) -> Option<FileId> {
        let mut path = self.source(file).path().parent()?.to_owned();
        for part in Path::new(name).components() {
            match part {
                Component::ParentDir => _ = path.pop(),
                Component::CurDir => {}
                part => path.push(part),
            }
        }
        self.at(&path)
    }

    /// A file of variables.
    pub fn environment(&self, file: FileId) -> Option<&EnvironmentFile> {
        match self.parsed(file) {
            Parsed::Environment(variables) => Some(variables),
            _ => None,
        }
    }

    /// The tree of a file that a config requires, if it could be read.
    pub fn required(&self, file: FileId) -> Option<&Tree> {
        match self.parsed(file) {
            Parsed::Ruby(Ok(tree)) => Some(tree),
            _ => None,
        }
    }

    /// The version in a `.ruby-version`, and where it stands.
    pub fn ruby_version(&self, file: FileId) -> Option<(&str, Span)> {
        match self.parsed(file) {
            Parsed::RubyVersion(Some((version, span))) => Some((version, *span)),
            _ => None,
        }
    }

    /// A lock.
    pub fn lock(&self, file: FileId) -> Option<&Lock> {
        match self.parsed(file) {
            Parsed::Lock(lock) => Some(lock),
            _ => None,
        }
    }
}

/// The first line of a `.ruby-version`, as far as it is a version of Ruby itself (not `jruby-9.4`).
fn ruby_version(bytes: &[u8]) -> Option<(String, Span)> {
    let line = bytes.split(|byte| *byte == b'\n').next()?;
    let text = std::str::from_utf8(line).ok()?;
    let version = text.trim();
    let version = version.strip_prefix("ruby-").unwrap_or(version);
    let plain = version.starts_with(|c: char| c.is_ascii_digit()) && version.contains('.');
    let start = text.find(version)?;
    plain.then(|| (version.to_owned(), Span::new(start, start + version.len())))
}

/// The comment that a line consists of.
fn comment(source: &Source, line: Span) -> Option<Span> {
    let text = source.bytes().get(line.range())?;
    let blank = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    (text.get(blank) == Some(&b'#')).then(|| Span::new(line.start + blank, line.end))
}

/// The lines of a file that are neither empty nor comments, each with those that continue it.
fn continued_lines(source: &Source) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    let mut continued = false;
    for line in (0..source.line_count()).map(|line| source.line_span(line)) {
        let text = source.bytes().get(line.range()).unwrap_or_default().trim_ascii();
        if text.is_empty() || text.starts_with(b"#") {
            continue;
        }
        match found.last_mut() {
            Some(last) if continued => *last = last.join(line),
            _ => found.push(line),
        }
        continued = text.ends_with(b"\\");
    }
    found
}

/// The lines of a YAML file that are neither empty nor comments; those of a text that goes over several are one.
fn yaml_lines(source: &Source, long_scalars: &[Span]) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    for line in (0..source.line_count()).map(|line| source.line_span(line)) {
        let text = source.bytes().get(line.range()).unwrap_or_default().trim_ascii();
        if found.last().is_some_and(|last| line.start < last.end) || text.is_empty() || text.starts_with(b"#")
        {
            continue;
        }
        let next = long_scalars.partition_point(|scalar| scalar.start < line.start);
        let long = long_scalars.get(next).filter(|scalar| line.contains(Span::at(scalar.start)));
        found.push(long.map_or(line, |scalar| line.join(*scalar)));
    }
    found
}

/// The name of a unit file's unit; a drop-in's folder names it. One whose name says nothing is read as a service.
fn unit_name(source: &Source) -> UnitName {
    let path = source.made();
    let drop_in = path.extension().is_some_and(|extension| extension == "conf");
    let named = if drop_in { path.parent().and_then(Path::file_name) } else { path.file_name() };
    let file = named.unwrap_or_default().to_string_lossy();
    let file = if drop_in { file.strip_suffix(".d").unwrap_or(&file).into() } else { file };
    UnitName::new(&file).unwrap_or_else(UnitName::nameless_service)
}

/// What is there under a template's condition is not known to count; only commands are worth reading all the same.
fn forget_conditional(unit: &mut Unit, template: &Template) {
    for entry in &mut unit.entries {
        let conditional = template.region(entry.key_span).is_some();
        if conditional && !entry.key.starts_with("Exec") && !entry.value.text().is_empty() {
            entry.value = Word::new(hole::ANONYMOUS, Vec::new(), entry.value.span());
        }
    }
}
