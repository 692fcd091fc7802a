//! What a gem demands of another, as RubyGems writes it: `>= 6.1, < 8.0`.

use super::version::Version;

/// Whether a version fulfils every part of a requirement; `None` if it can't be read.
pub fn fulfils(version: &Version, requirement: &str) -> Option<bool> {
    let mut fulfilled = true;
    for part in requirement.split(',') {
        let part = part.trim();
        let digits = part.find(|c: char| c.is_ascii_digit())?;
        let (operator, wanted) = part.split_at(digits);
        let bound: Version = wanted.parse().ok()?;
        fulfilled &= match operator.trim() {
            "" | "=" => *version == bound,
            "!=" => *version != bound,
            ">" => *version > bound,
            ">=" => *version >= bound,
            "<" => *version < bound,
            "<=" => *version <= bound,
            // The part before the last may not change.
            "~>" => {
                let family: Version =
                    wanted.trim().rsplit_once('.').map_or(wanted, |(family, _)| family).parse().ok()?;
                *version >= bound && family.is_prefix_of(version)
            }
            _ => return None,
        };
    }
    Some(fulfilled)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line as `Gem::Requirement.new(…).satisfied_by?` answers.
    #[test]
    fn requirements_hold_as_rubygems_says() {
        for (requirement, version, want) in [
            (">= 6.1, < 8.0", "6.1", Some(true)),
            (">= 6.1, < 8.0", "7.2.0", Some(true)),
            (">= 6.1, < 8.0", "8.0", Some(false)),
            (">= 6.1, < 8.0", "5.6.9", Some(false)),
            ("~> 4.0", "4.3.12", Some(true)),
            ("~> 4.0", "5.0.0", Some(false)),
            ("~> 3.4", "3.4", Some(true)),
            ("~> 3.4.1", "3.5.0", Some(false)),
            ("~> 6", "6.6.0", Some(true)),
            ("= 5.6.5", "5.6.5", Some(true)),
            ("5.6.5", "5.6.6", Some(false)),
            ("!= 5.6.5, > 1, <= 6", "6.0.0", Some(true)),
            ("latest", "6.0.0", None),
            ("=> 5", "6.0.0", None),
            ("", "6.0.0", None),
        ] {
            assert_eq!(fulfils(&version.parse().unwrap(), requirement), want, "{version} for {requirement}");
        }
    }
}
