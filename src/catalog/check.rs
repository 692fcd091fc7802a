//! What Puma asks of an argument, and what it says to a wrong one.

use super::number;
use super::range::Range;
use super::release::Release;
use super::tables;

/// One thing that is asked of an argument in a range of releases.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Where it is asked.
    pub releases: Range,
    /// Of which argument, from 0.
    pub argument: usize,
    /// What is asked.
    pub kind: CheckKind,
    /// Values that pass untested: `:symbol`, `text`, `nil`.
    pub allowed: &'static [&'static str],
    /// The bound of `CheckKind::AtLeast`.
    pub least: i64,
    /// When it is asked.
    pub stage: Stage,
    /// What is said, where Ruby does not say it by itself. May hold `{value}`, `{min}`, `{max}`, `{interval}`.
    pub words: Option<&'static str>,
}

/// What is asked. A closed set: the data says which release asks it of which argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckKind {
    /// Ruby's `Integer()` takes it: a number, or text that is one.
    Integer,
    /// Ruby's `Float()` takes it.
    Float,
    /// It has `to_i`: a number, any text, nil.
    ToI,
    /// It has `to_f`.
    ToF,
    /// It has `to_sym`: text or a symbol.
    ToSym,
    /// `Integer()` takes it, or it is `:auto` or `"auto"`.
    IntegerOrAuto,
    /// It is one of the allowed values.
    OneOf,
    /// It is not nil.
    NotNil,
    /// It is text.
    Text,
    /// The first argument is not greater than the second.
    MinLeMax,
    /// It is at least the check's bound.
    AtLeast,
    /// It is greater than the interval at which workers report, as set so far.
    AboveCheckInterval,
    /// It is a hook's key: a string, a symbol, or absent.
    Key,
    /// It is an array of different strings.
    HttpMethods,
    /// It says where a remote address comes from: one of the allowed symbols, an address, or a hash.
    RemoteAddress,
    /// A hash with one of these keys; anything but a hash passes.
    HashKeys,
    /// An `ssl://` address with one of these keys in its query; any other address passes.
    SslKey,
    /// A hash whose `proxy_protocol` is `:v1`.
    ProxyProtocol,
    /// It is an address to listen at: `tcp://`, `unix://` or `ssl://`.
    BindUri,
    /// It is an address of the control server: `tcp://`, `unix://`, `ssl://`, or `auto`.
    ControlUri,
    /// The allowed values need a gem that may be missing.
    NeedsGem,
    /// It is the name of a plugin that comes with Puma, or of another gem's.
    ShippedPlugin,
}

/// When something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// While the config is evaluated, so that `pumactl` meets it too.
    Config,
    /// While the launcher is built.
    Launch,
    /// When the server starts.
    Run,
}

/// An argument as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Argument<'a> {
    /// `nil`.
    Nil,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// A string.
    Text(&'a str),
    /// A symbol, without its colon.
    Symbol(&'a str),
    /// An array.
    List(&'a [Argument<'a>]),
    /// A hash, whatever is in it.
    Hash(&'a [(&'a str, Argument<'a>)]),
    /// Anything else, or not known: never refused.
    Unknown,
}

/// A refused argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which argument, from 0.
    pub argument: usize,
    /// What is asked of it.
    pub kind: CheckKind,
    /// When it is refused.
    pub stage: Stage,
    /// Ruby's or Puma's words, with the error's class.
    pub words: String,
    /// Whether it is refused on every machine; if not, a gem or a plugin that may be installed decides.
    pub certain: bool,
}

/// The interval at which workers report where nothing sets it; the same in every release that has it.
const REPORTING_INTERVAL: i64 = 5;

/// The gem that `workers :auto` and `WEB_CONCURRENCY=auto` need: it counts the processors.
pub const AUTO_WORKERS_GEM: &str = "concurrent-ruby";

/// What else decides whether an argument is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    /// The release that is asked.
    pub release: Release,
    /// What `worker_check_interval` has set so far in the config.
    pub check_interval: Option<i64>,
}

impl Circumstances {
    /// A release, and nothing set so far.
    pub fn at(release: Release) -> Self {
        Self { release, check_interval: None }
    }
}

impl Check {
    /// The refusal that these arguments meet, if they do.
    pub fn refuses(&self, arguments: &[Argument<'_>], circumstances: Circumstances) -> Option<Refusal> {
        if !self.releases.contains(circumstances.release) {
            return None;
        }
        let argument = *arguments.get(self.argument)?;
        let allowed = self.allowed.iter().any(|allowed| argument.is(allowed));
        let refused = |words: String, certain| {
            Some(Refusal { argument: self.argument, kind: self.kind, stage: self.stage, words, certain })
        };
        if self.kind == CheckKind::NeedsGem {
            return if allowed { refused(self.fill(argument, &[]), false) } else { None };
        }
        if allowed || argument == Argument::Unknown {
            return None;
        }
        let own = |words: Option<String>| {
            words.and_then(|words| refused(self.words.map_or(words, str::to_owned), true))
        };
        let unless = |fine: bool, values: &[(&str, i64)]| {
            if fine { None } else { refused(self.fill(argument, values), true) }
        };
        match self.kind {
            CheckKind::Integer => own(argument.integer().err()),
            CheckKind::Float => own(argument.float().err()),
            CheckKind::ToI => own(argument.convertible("to_i")),
            CheckKind::ToF => own(argument.convertible("to_f")),
            CheckKind::ToSym => own(argument.symbolic()),
            CheckKind::IntegerOrAuto if argument.is("auto") || argument.is(":auto") => None,
            CheckKind::IntegerOrAuto => own(argument.integer().err()),
            CheckKind::OneOf => unless(false, &[]),
            CheckKind::NotNil => unless(argument != Argument::Nil, &[]),
            CheckKind::Text => match argument {
                Argument::Text(_) | Argument::Hash(_) | Argument::List(_) => None,
                other => refused(
                    format!("TypeError: no implicit conversion of {} into String", other.class()),
                    true,
                ),
            },
            CheckKind::MinLeMax => {
                let (first, second) = (arguments.first()?, arguments.get(1)?);
                // Words were compared as words before there was a conversion.
                if let (Argument::Text(min), Argument::Text(max)) = (first, second)
                    && (first.number().is_none() || second.number().is_none())
                {
                    return unless(min <= max, &[]);
                }
                let bounds = (first.number()?, second.number()?);
                unless(bounds.0 <= bounds.1, &[("{min}", bounds.0), ("{max}", bounds.1)])
            }
            CheckKind::AtLeast => {
                let number = argument.number()?;
                unless(number >= self.least, &[("{value}", number)])
            }
            CheckKind::AboveCheckInterval => {
                let interval = circumstances.check_interval.unwrap_or(REPORTING_INTERVAL);
                unless(argument.number()? > interval, &[("{interval}", interval)])
            }
            CheckKind::Key => {
                unless(matches!(argument, Argument::Nil | Argument::Text(_) | Argument::Symbol(_)), &[])
            }
            CheckKind::HttpMethods => unless(argument.different_texts(), &[]),
            CheckKind::RemoteAddress => {
                unless(matches!(argument, Argument::Text(_) | Argument::Hash(_)), &[])
            }
            CheckKind::BindUri => unless(argument.has_scheme(&["tcp", "unix", "ssl"]), &[]),
            CheckKind::ControlUri => {
                unless(argument.is("auto") || argument.has_scheme(&["tcp", "unix", "ssl"]), &[])
            }
            CheckKind::HashKeys => match argument {
                Argument::Hash(pairs) => unless(pairs.iter().any(|(key, _)| self.allowed.contains(key)), &[]),
                _ => None,
            },
            CheckKind::SslKey => match argument {
                Argument::Text(url) if url.to_ascii_lowercase().starts_with("ssl://") => {
                    let query = url.split_once('?').map_or("", |(_, query)| query);
                    let mut given = query.split('&').filter_map(|pair| pair.split('=').next());
                    unless(given.any(|key| self.allowed.contains(&key)), &[])
                }
                _ => None,
            },
            CheckKind::ProxyProtocol => match argument {
                Argument::Hash(pairs) if !pairs.iter().any(|(key, _)| *key == "header") => {
                    let (_, version) = pairs.iter().find(|(key, _)| *key == "proxy_protocol")?;
                    match version {
                        Argument::Symbol(name) | Argument::Text(name) if !name.eq_ignore_ascii_case("v1") => {
                            refused(
                                self.fill(Argument::Text(&format!(":{}", name.to_lowercase())), &[]),
                                true,
                            )
                        }
                        _ => None,
                    }
                }
                _ => None,
            },
            CheckKind::NeedsGem => None,
            CheckKind::ShippedPlugin => {
                let (Argument::Text(name) | Argument::Symbol(name)) = argument else { return None };
                let release = circumstances.release;
                let shipped = tables::PLUGINS
                    .iter()
                    .any(|plugin| plugin.name == name && plugin.releases.contains(release));
                if shipped { None } else { refused(self.fill(argument, &[]), false) }
            }
        }
    }

    /// The words with everything filled in.
    fn fill(&self, argument: Argument<'_>, values: &[(&str, i64)]) -> String {
        let mut words = self.words.unwrap_or_default().to_owned();
        for (name, value) in values {
            words = words.replace(name, &value.to_string());
        }
        words.replace("{value}", &argument.shown())
    }
}

impl Argument<'_> {
    /// Whether it is the value that the data writes so.
    fn is(&self, written: &str) -> bool {
        match self {
            Argument::Nil => written == "nil",
            Argument::Text(text) => *text == written,
            Argument::Symbol(name) => written.strip_prefix(':') == Some(name),
            _ => false,
        }
    }

    /// As Ruby's `to_s` shows it.
    fn shown(&self) -> String {
        match self {
            Argument::Nil | Argument::Unknown | Argument::List(_) => String::new(),
            Argument::Hash(pairs) => {
                let pairs = pairs.iter().map(|(key, value)| format!(":{key}=>{}", value.inspected()));
                format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
            }
            Argument::Boolean(value) => value.to_string(),
            Argument::Integer(value) => value.to_string(),
            Argument::Float(value) => format!("{value:?}"),
            Argument::Text(text) | Argument::Symbol(text) => (*text).to_owned(),
        }
    }

    /// Its class, as Ruby names it when a conversion fails: `nil`, `true` and `false` go by their own names.
    /// As Ruby 3.1 inspects it.
    fn inspected(&self) -> String {
        match self {
            Argument::Nil => "nil".to_owned(),
            Argument::Text(text) => format!("{text:?}"),
            Argument::Symbol(name) => format!(":{name}"),
            other => other.shown(),
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Argument::Nil => "nil",
            Argument::Boolean(true) => "true",
            Argument::Boolean(false) => "false",
            Argument::Integer(_) => "Integer",
            Argument::Float(_) => "Float",
            Argument::Text(_) => "String",
            Argument::Symbol(_) => "Symbol",
            Argument::List(_) => "Array",
            Argument::Hash(_) => "Hash",
            Argument::Unknown => "Object",
        }
    }

    /// It as Ruby 3.1 shows a receiver: `:auto:Symbol`, `nil:NilClass`.
    fn receiver(&self) -> String {
        match self {
            Argument::Nil => "nil:NilClass".to_owned(),
            Argument::Boolean(true) => "true:TrueClass".to_owned(),
            Argument::Boolean(false) => "false:FalseClass".to_owned(),
            Argument::Symbol(name) => format!(":{name}:Symbol"),
            Argument::Text(text) => format!("{text:?}:String"),
            other => format!("{}:{}", other.shown(), other.class()),
        }
    }

    /// What `Integer()` makes of it, or its words.
    fn integer(&self) -> Result<Option<i64>, String> {
        match self {
            Argument::Integer(value) => Ok(Some(*value)),
            // Rust's conversion saturates; no option has such values.
            Argument::Float(value) if value.is_finite() => Ok(Some(value.trunc() as i64)),
            Argument::Float(value) => Err(format!(
                "FloatDomainError: {}",
                if value.is_nan() {
                    "NaN"
                } else if *value > 0.0 {
                    "Infinity"
                } else {
                    "-Infinity"
                }
            )),
            Argument::Text(text) => match number::integer(text) {
                number::Parsed::Value(value) => Ok(Some(value)),
                number::Parsed::TooLarge => Ok(None),
                number::Parsed::Invalid => {
                    Err(format!("ArgumentError: invalid value for Integer(): {text:?}"))
                }
            },
            Argument::Unknown => Ok(None),
            other => Err(format!("TypeError: can't convert {} into Integer", other.class())),
        }
    }

    /// Whether `Float()` takes it, or its words.
    fn float(&self) -> Result<(), String> {
        match self {
            Argument::Integer(_) | Argument::Float(_) | Argument::Unknown => Ok(()),
            Argument::Text(text) if number::is_float(text) => Ok(()),
            Argument::Text(text) => Err(format!("ArgumentError: invalid value for Float(): {text:?}")),
            other => Err(format!("TypeError: can't convert {} into Float", other.class())),
        }
    }

    /// The number that `Integer()` makes of it, if it does.
    pub fn number(&self) -> Option<i64> {
        self.integer().ok().flatten()
    }

    /// What Ruby says if it has no `to_i` or `to_f`.
    fn convertible(&self, method: &str) -> Option<String> {
        match self {
            Argument::Boolean(_) | Argument::Symbol(_) | Argument::List(_) | Argument::Hash(_) => {
                Some(format!("NoMethodError: undefined method `{method}' for {}", self.receiver()))
            }
            Argument::Float(value) if !value.is_finite() && method == "to_i" => self.integer().err(),
            _ => None,
        }
    }

    /// What Ruby says if it has no `to_sym`.
    fn symbolic(&self) -> Option<String> {
        match self {
            Argument::Text(_) | Argument::Symbol(_) | Argument::Unknown => None,
            other => Some(format!("NoMethodError: undefined method `to_sym' for {}", other.receiver())),
        }
    }

    /// Whether it is an array of strings that all differ, and not empty.
    fn different_texts(&self) -> bool {
        let Argument::List(items) = self else { return false };
        !items.is_empty()
            && items.iter().enumerate().all(|(at, item)| match item {
                Argument::Text(_) => !items[..at].contains(item),
                other => *other == Argument::Unknown,
            })
    }

    /// Whether it starts with one of these schemes. What is no text is not judged.
    fn has_scheme(&self, schemes: &[&str]) -> bool {
        let Argument::Text(text) = self else { return true };
        text.split_once(':').is_some_and(|(scheme, rest)| {
            let scheme = scheme.to_ascii_lowercase();
            // `unix:/path` is a path as well.
            schemes.contains(&scheme.as_str()) && (rest.starts_with("//") || scheme == "unix")
        })
    }
}
