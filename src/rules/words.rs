//! How Ruby words its errors, release by release.

use crate::catalog::Version;
use crate::model::{Condition, Severity};

use super::view::Scene;

/// How the project's Ruby speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// Up to Ruby 3.2: `` `x' for #<Puma::DSL ``
    Inspected,
    /// Ruby 3.3: `` `x' for an instance of Puma::DSL ``
    Backtick,
    /// Since Ruby 3.4: `'x' for an instance of Puma::DSL`
    Quoted,
}

/// The wording of the app's Ruby, else of the newest.
pub fn wording(scene: &Scene<'_>) -> Wording {
    let ruby = scene.ruby().and_then(|(ruby, _)| ruby.parse::<Version>().ok());
    let before = |version: &str| {
        let bound = version.parse::<Version>();
        matches!((&ruby, bound), (Some(ruby), Ok(bound)) if *ruby < bound)
    };
    if before("3.3") {
        Wording::Inspected
    } else if before("3.4") {
        Wording::Backtick
    } else {
        Wording::Quoted
    }
}

impl Wording {
    /// An error of Ruby 3.1 as this Ruby words it.
    pub fn reword(self, message: &str) -> String {
        let Some((method, receiver)) =
            message.strip_prefix("undefined method `").and_then(|rest| rest.split_once("' for "))
        else {
            return message.to_owned();
        };
        if self == Wording::Inspected {
            return message.to_owned();
        }
        if let Some(class) = receiver.strip_prefix("#<") {
            return self.undefined_on_instance(method, class);
        }
        let receiver = match receiver.rsplit_once(':') {
            Some((module, class @ ("Class" | "Module"))) => return self.undefined_on(method, module, class),
            Some((_, "NilClass")) => "nil".to_owned(),
            Some((_, "TrueClass")) => "true".to_owned(),
            Some((_, "FalseClass")) => "false".to_owned(),
            Some((_, class)) => format!("an instance of {class}"),
            None => receiver.to_owned(),
        };
        let open = if self == Wording::Quoted { '\'' } else { '`' };
        format!("undefined method {open}{method}' for {receiver}")
    }

    fn undefined_on_instance(self, method: &str, class: &str) -> String {
        let open = if self == Wording::Quoted { '\'' } else { '`' };
        format!("undefined method {open}{method}' for an instance of {class}")
    }

    /// What Ruby says of a method that a module or class lacks.
    pub fn undefined_on(self, method: &str, module: &str, class: &str) -> String {
        let kind = class.to_lowercase();
        match self {
            Wording::Inspected => format!("undefined method `{method}' for {module}:{class}"),
            Wording::Backtick => format!("undefined method `{method}' for {kind} {module}"),
            Wording::Quoted => format!("undefined method '{method}' for {kind} {module}"),
        }
    }

    /// What Ruby says of a name that the DSL lacks. A bare word may be a variable as well.
    pub fn undefined(self, name: &str, bare: bool) -> String {
        // A name with `!` or `?` can be no variable.
        let what = if bare && !name.ends_with(['!', '?']) { "local variable or method" } else { "method" };
        match self {
            Wording::Inspected => format!("undefined {what} `{name}' for #<Puma::DSL"),
            Wording::Backtick => format!("undefined {what} `{name}' for an instance of Puma::DSL"),
            Wording::Quoted => format!("undefined {what} '{name}' for an instance of Puma::DSL"),
        }
    }
}

/// How bad a refusal under a condition is, and what follows from it.
pub fn outcome(condition: &Condition) -> (Severity, String) {
    if condition.is_always() {
        (Severity::Error, "the server will not boot".to_owned())
    } else {
        (Severity::Warning, format!("the server will not boot when {condition}"))
    }
}

/// The class and the message of an error as the catalog writes it, `TypeError: can't convert …`.
pub fn class_and_message(words: &str) -> (&str, &str) {
    match words.split_once(": ") {
        Some((class, message))
            if class.starts_with(|c: char| c.is_ascii_uppercase()) && !class.contains(' ') =>
        {
            (class, message)
        }
        _ => ("", words),
    }
}

/// The class of the error that an unknown name raises.
pub fn undefined_class(name: &str, bare: bool) -> &'static str {
    if bare && !name.ends_with(['!', '?']) { "NameError" } else { "NoMethodError" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ruby_has_its_words() {
        assert_eq!(
            Wording::Inspected.undefined("daemonize", true),
            "undefined local variable or method `daemonize' for #<Puma::DSL"
        );
        assert_eq!(
            Wording::Quoted.undefined("daemonize", false),
            "undefined method 'daemonize' for an instance of Puma::DSL"
        );
        assert_eq!(
            Wording::Quoted.reword("undefined method `to_i' for :auto:Symbol"),
            "undefined method 'to_i' for an instance of Symbol"
        );
        assert_eq!(
            Wording::Backtick.reword("undefined method `[]' for nil:NilClass"),
            "undefined method `[]' for nil"
        );
        assert_eq!(
            Wording::Quoted.reword("undefined method `stdio' for Puma::Events:Class"),
            "undefined method 'stdio' for class Puma::Events"
        );
        assert_eq!(
            Wording::Backtick.reword("undefined method `on_booted' for #<Puma::Events"),
            "undefined method `on_booted' for an instance of Puma::Events"
        );
        assert_eq!(undefined_class("tcp_mode!", true), "NoMethodError");
        assert_eq!(undefined_class("daemonize", true), "NameError");
    }
}
