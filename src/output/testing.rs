//! A small made-up world for the formats' tests.

use std::io;
use std::path::Path;

use super::{DeploymentSummary, Finding, Report};
use crate::model::{Diagnostic, FileId, FileKind, Location, Source, Span};

pub struct World {
    pub sources: Vec<Source>,
    pub findings: Vec<Finding>,
    pub deployments: Vec<DeploymentSummary>,
    pub checked: Vec<FileId>,
    pub notes: Vec<String>,
    pub suppressed: usize,
}

impl World {
    pub fn new() -> Self {
        let deployment = DeploymentSummary {
            id: "1".into(),
            root: ".".into(),
            target: "8.0.2".into(),
            target_source: "Gemfile.lock".into(),
            from: None,
            files: Vec::new(),
        };
        Self {
            sources: Vec::new(),
            findings: Vec::new(),
            deployments: vec![deployment],
            checked: Vec::new(),
            notes: Vec::new(),
            suppressed: 0,
        }
    }

    /// Adds a file to the first deployment.
    pub fn file(&mut self, path: &str, kind: FileKind, content: impl AsRef<[u8]>) -> FileId {
        let id = FileId(self.sources.len() as u32);
        self.sources.push(Source::new(
            path,
            Path::new("/repository").join(path),
            kind,
            content.as_ref().to_vec(),
        ));
        self.deployments[0].files.push(id);
        self.checked.push(id);
        id
    }

    /// Where `needle` first stands.
    pub fn at(&self, file: FileId, needle: &str) -> Location {
        let bytes = self.sources[file.0 as usize].bytes();
        let start = bytes.windows(needle.len()).position(|part| part == needle.as_bytes()).unwrap();
        self.span(file, start, start + needle.len())
    }

    pub fn span(&self, file: FileId, start: usize, end: usize) -> Location {
        Location { file, span: Span { start, end } }
    }

    pub fn find(&mut self, diagnostic: Diagnostic) -> usize {
        let id = self.findings.len() + 1;
        self.findings.push(Finding { id, cause: None, deployment: 0, diagnostic, unnamed: Vec::new() });
        id
    }

    pub fn follow(&mut self, cause: usize, diagnostic: Diagnostic) -> usize {
        let id = self.find(diagnostic);
        self.findings[id - 1].cause = Some(cause);
        id
    }

    pub fn report(&self) -> Report<'_> {
        Report {
            repository: Path::new("/repository"),
            sources: &self.sources,
            findings: &self.findings,
            deployments: &self.deployments,
            checked: &self.checked,
            notes: &self.notes,
            secrets: &[],
            suppressed: self.suppressed,
        }
    }
}

/// What a writer writes.
pub fn text(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}
