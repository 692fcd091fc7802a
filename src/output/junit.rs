//! JUnit's XML: a suite for each file, and in it a case for each finding.
//!
//! What is only worth knowing on an upgrade is a case that passes and says so; a file without findings is a case
//! that passes.

use std::io;

use serde::Serialize;

use super::{Finding, Report, escape, plain};
use crate::model::{FileId, Severity};

#[derive(Serialize)]
#[serde(rename = "testsuites")]
struct Suites {
    #[serde(rename = "@name")]
    name: &'static str,
    #[serde(rename = "@tests")]
    tests: usize,
    #[serde(rename = "@failures")]
    failures: usize,
    #[serde(rename = "@errors")]
    errors: usize,
    #[serde(rename = "testsuite")]
    suites: Vec<Suite>,
}

#[derive(Serialize)]
struct Suite {
    #[serde(rename = "@name")]
    name: String,
    #[serde(rename = "@tests")]
    tests: usize,
    #[serde(rename = "@failures")]
    failures: usize,
    #[serde(rename = "@errors")]
    errors: usize,
    #[serde(rename = "testcase")]
    cases: Vec<Case>,
}

#[derive(Serialize)]
struct Case {
    #[serde(rename = "@name")]
    name: String,
    #[serde(rename = "@classname")]
    class: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
    #[serde(rename = "system-out", skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
}

#[derive(Serialize)]
struct Failure {
    #[serde(rename = "@type")]
    severity: &'static str,
    #[serde(rename = "@message")]
    message: String,
    #[serde(rename = "$text")]
    text: String,
}

/// Writes a report.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let mut files: Vec<FileId> =
        report.findings.iter().map(|finding| finding.diagnostic.location.file).collect();
    files.extend(report.checked);
    files.sort_unstable();
    files.dedup();
    let suites: Vec<Suite> = files.into_iter().map(|file| suite(report, file)).collect();
    let document = Suites {
        name: env!("CARGO_PKG_NAME"),
        tests: suites.iter().map(|suite| suite.tests).sum(),
        failures: suites.iter().map(|suite| suite.failures).sum(),
        errors: 0,
        suites,
    };
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let mut serializer = quick_xml::se::Serializer::new(&mut text);
    serializer.indent(' ', 2);
    document.serialize(serializer).map_err(io::Error::other)?;
    writeln!(out, "{text}")
}

fn suite(report: &Report, file: FileId) -> Suite {
    let path = allowed(&escape::inline(&report.path_in_repository(file)));
    let found = report.findings.iter().filter(|finding| finding.diagnostic.location.file == file);
    let mut cases: Vec<Case> = found.map(|finding| case(report, finding, &path)).collect();
    if cases.is_empty() {
        cases.push(Case { name: "no findings".to_owned(), class: path.clone(), failure: None, remark: None });
    }
    let failures = cases.iter().filter(|case| case.failure.is_some()).count();
    Suite { name: path, tests: cases.len(), failures, errors: 0, cases }
}

fn case(report: &Report, finding: &Finding, path: &str) -> Case {
    let diagnostic = &finding.diagnostic;
    let (start, _) = report.extent(diagnostic.location);
    let place = format!("{path}:{}:{}", start.line, start.column);
    let text = allowed(&format!("{place}\n{}", plain::lines(diagnostic).join("\n")));
    let fails = diagnostic.severity > Severity::Info;
    Case {
        name: format!("{} in line {}", diagnostic.rule, start.line),
        class: path.to_owned(),
        failure: fails.then(|| Failure {
            severity: diagnostic.severity.name(),
            message: allowed(&escape::inline(&diagnostic.message)),
            text: text.clone(),
        }),
        remark: (!fails).then_some(text),
    }
}

/// XML has no way to say these two. Other characters that it forbids are escaped where they would hide, too.
fn allowed(text: &str) -> String {
    text.replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}")
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::model::{Diagnostic, FileKind};

    #[test]
    fn a_suite_a_file_and_a_case_a_finding() {
        let mut world = World::new();
        let file = world.file("a<\"&\x01\u{ffff}.rb", FileKind::Puma, "port 1\n");
        world.file("b.service", FileKind::Systemd, "");
        let at = world.at(file, "1");
        world.find(Diagnostic::new("bad", Severity::Error, at, "is > \"1\"\x1b]\n").help("a ]]> b\u{fffe}"));
        world.find(Diagnostic::new("new", Severity::Info, at, "m"));
        assert_eq!(
            text(|out| write(&world.report(), out)),
            r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="puma-lint" tests="3" failures="1" errors="0">
  <testsuite name="a&lt;&quot;&amp;\x01\u{ffff}.rb" tests="2" failures="1" errors="0">
    <testcase name="bad in line 1" classname="a&lt;&quot;&amp;\x01\u{ffff}.rb">
      <failure type="error" message="is &gt; &quot;1&quot;\x1b]\n">a&lt;"&amp;\x01\u{ffff}.rb:1:6
is &gt; "1"\x1b]

help: a ]]&gt; b\u{fffe}</failure>
    </testcase>
    <testcase name="new in line 1" classname="a&lt;&quot;&amp;\x01\u{ffff}.rb">
      <system-out>a&lt;"&amp;\x01\u{ffff}.rb:1:6
m</system-out>
    </testcase>
  </testsuite>
  <testsuite name="b.service" tests="1" failures="0" errors="0">
    <testcase name="no findings" classname="b.service"/>
  </testsuite>
</testsuites>
"#
        );
    }
}
