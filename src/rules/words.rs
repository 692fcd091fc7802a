//! How Ruby words its errors, release by release.

use crate::catalog::Version;

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

/// The wording of the Ruby that the lock names, else of the newest.
pub fn wording(scene: &Scene<'_>) -> Wording {
    let ruby = scene.lock().and_then(|lock| lock.ruby.as_ref()).and_then(|(ruby, _)| ruby.parse::<Version>().ok());
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
        assert_eq!(undefined_class("tcp_mode!", true), "NoMethodError");
        assert_eq!(undefined_class("daemonize", true), "NameError");
    }
}
