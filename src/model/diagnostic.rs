//! One finding, as a rule made it. How it is shown is for `output`.

use super::{Fix, Location};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing on this upgrade.
    Info,
    /// It boots, and something is deprecated, ignored, or not what the files say.
    Warning,
    /// It will not boot, or its supervisor will kill it, time out on it or lose it.
    Error,
}

impl Severity {
    /// Its name in every format and in `--fail-on`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A text at a place, in any file of the deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub location: Location,
    /// What to say there.
    pub message: String,
}

/// Which real program is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// Puma, on its standard error or in its log.
    Puma,
    /// Ruby, before Puma had a say.
    Ruby,
    /// systemd, in the journal.
    Systemd,
    /// Monit, in its log or from `monit -t`.
    Monit,
}

impl Speaker {
    /// Its name as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Speaker::Puma => "Puma",
            Speaker::Ruby => "Ruby",
            Speaker::Systemd => "systemd",
            Speaker::Monit => "Monit",
        }
    }
}

/// What a real program says, so that a search for its words finds us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Who says it.
    pub speaker: Speaker,
    /// The words.
    pub words: String,
}

/// What ties causes and consequences together within one deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Story {
    /// Puma no longer forks into the background.
    Daemonizing,
}

/// A diagnostic's part in a story. In each deployment the diagnostic with the lowest rank
/// is the cause, and the others are its consequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Role {
    /// The story.
    pub story: Story,
    /// 0 is nearest to the root of it.
    pub rank: u8,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The name of the rule that made it.
    pub rule: &'static str,
    /// What sets it apart from others of its rule at the same place; usually empty.
    pub topic: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What happens, in one line; it names the release that decides.
    pub message: String,
    /// The primary place.
    pub location: Location,
    /// What to say at the primary place; may be empty.
    pub label: String,
    /// Whether it speaks of what is not written: then its place shows nothing but where it could be.
    pub unwritten: bool,
    /// Further places, in any file.
    pub labels: Vec<Label>,
    /// What a real program says of it.
    pub quote: Option<Quote>,
    /// What to do.
    pub help: Option<String>,
    /// What would mend it; the first is the recommended one.
    pub fixes: Vec<Fix>,
    /// Its part in a story of cause and consequence.
    pub role: Option<Role>,
    /// The launches for which it holds, by name; empty where launches play no part.
    pub launches: Vec<String>,
}

impl Diagnostic {
    /// A diagnostic with nothing but a place and a message.
    pub fn new(
        rule: &'static str,
        severity: Severity,
        location: Location,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            topic: "",
            severity,
            message: message.into(),
            location,
            label: String::new(),
            unwritten: false,
            labels: Vec::new(),
            quote: None,
            help: None,
            fixes: Vec::new(),
            role: None,
            launches: Vec::new(),
        }
    }

    /// Sets it apart from others of its rule at the same place.
    pub fn about(mut self, topic: &'static str) -> Self {
        self.topic = topic;
        self
    }

    /// Says something at the primary place.
    pub fn label(mut self, message: impl Into<String>) -> Self {
        self.label = message.into();
        self
    }

    /// Speaks of what is not written.
    pub fn unwritten(mut self) -> Self {
        self.unwritten = true;
        self
    }

    /// Says something at a further place.
    pub fn also(mut self, location: Location, message: impl Into<String>) -> Self {
        self.labels.push(Label { location, message: message.into() });
        self
    }

    /// Quotes a real program.
    pub fn quote(mut self, speaker: Speaker, words: impl Into<String>) -> Self {
        self.quote = Some(Quote { speaker, words: words.into() });
        self
    }

    /// Says what to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Offers a fix.
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }

    /// Takes a part in a story.
    pub fn role(mut self, story: Story, rank: u8) -> Self {
        self.role = Some(Role { story, rank });
        self
    }
}
