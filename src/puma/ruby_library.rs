//! What comes with Ruby itself.

/// Features of Ruby's standard library and its default and bundled gems, by the first part of their path.
const STANDARD: &[&str] = &[
    "English",
    "abbrev",
    "base64",
    "benchmark",
    "bigdecimal",
    "bundler",
    "cgi",
    "coverage",
    "csv",
    "date",
    "delegate",
    "did_you_mean",
    "digest",
    "drb",
    "erb",
    "error_highlight",
    "etc",
    "expect",
    "fcntl",
    "fiddle",
    "fileutils",
    "find",
    "forwardable",
    "getoptlong",
    "io",
    "ipaddr",
    "irb",
    "json",
    "logger",
    "matrix",
    "minitest",
    "monitor",
    "mutex_m",
    "net",
    "nkf",
    "objspace",
    "observer",
    "open-uri",
    "open3",
    "openssl",
    "optparse",
    "ostruct",
    "pathname",
    "pp",
    "prettyprint",
    "prime",
    "prism",
    "pstore",
    "psych",
    "pty",
    "racc",
    "rake",
    "random",
    "rbconfig",
    "readline",
    "reline",
    "resolv",
    "rinda",
    "ripper",
    "rubygems",
    "securerandom",
    "set",
    "shellwords",
    "singleton",
    "socket",
    "stringio",
    "strscan",
    "syslog",
    "tempfile",
    "time",
    "timeout",
    "tmpdir",
    "tracer",
    "tsort",
    "un",
    "uri",
    "weakref",
    "yaml",
    "zlib",
    "thread",
    "fiber",
    "continuation",
    "enumerator",
    "rational",
    "complex",
];

/// Whether a required feature comes with Ruby or with Puma, and so adds no directive.
pub fn is_standard(feature: &str) -> bool {
    let first = feature.split('/').next().unwrap_or(feature);
    let first = first.strip_suffix(".rb").unwrap_or(first);
    STANDARD.contains(&first) || feature == "puma" || (first == "puma" && feature != "puma/daemon")
}

#[cfg(test)]
mod tests {
    use super::is_standard;

    #[test]
    fn what_ruby_brings_is_told_from_gems() {
        assert!(is_standard("etc") && is_standard("net/http") && is_standard("puma/plugin"));
        assert!(!is_standard("puma/daemon") && !is_standard("./helpers") && !is_standard("dotenv/load"));
    }
}
