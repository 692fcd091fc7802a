//! Which release stands for what is asked.

use puma_lint::catalog::{Range, Release, Version, directive, minimum_ruby};

use super::recorded;

#[test]
fn the_releases_are_those_that_were_recorded() {
    let facts = recorded::file("facts.json");
    let recorded = facts["releases"].as_object().unwrap();
    assert_eq!(Release::all().len(), recorded.len());
    for release in Release::all() {
        assert_eq!(recorded[release.name()], release.date(), "{release}");
        assert_eq!(release.to_string().parse::<Version>().unwrap(), release.version());
    }
    let versions: Vec<Version> = Release::all().map(Release::version).collect();
    assert!(versions.is_sorted(), "version order, not date order");
    let yanked: Vec<&str> = Release::all().filter(|release| release.is_yanked()).map(Release::name).collect();
    assert_eq!(yanked, ["3.12.3", "4.3.2"]);
}

#[test]
fn every_version_has_a_release_whose_facts_stand_for_it() {
    for (asked, release, exact) in [
        ("8", "8.0.2", true),
        ("8.0", "8.0.2", true),
        ("8.0.0", "8.0.0", true),
        ("5", "5.6.9", true),
        ("5.6", "5.6.9", true),
        ("2.1", "2.1.1", true),
        ("3.12", "3.12.6", true),
        ("4.3.12", "4.3.12", true),
        // Unknown, in between: the nearest below.
        ("5.6.10", "5.6.9", false),
        ("7.0.0.rc1", "6.6.1", false),
        ("7.0.0.pre1", "6.6.1", false),
        ("2.11.1", "2.11.0", false),
        ("6.9", "6.6.1", false),
        // Newer and older than all.
        ("8.0.3", "8.0.2", false),
        ("9", "8.0.2", false),
        ("8.1", "8.0.2", false),
        ("1.6.3", "2.0.0", false),
    ] {
        let resolved = Release::parse(asked).unwrap();
        assert_eq!((resolved.release.name(), resolved.exact), (release, exact), "{asked}");
        assert_eq!(resolved.asked.to_string(), asked);
    }
    assert!(Release::parse("9").unwrap().is_newer_than_known());
    assert!(!Release::parse("8").unwrap().is_newer_than_known());
    assert!(!Release::parse("5.6.10").unwrap().is_newer_than_known());
    assert!(Release::parse("1.6.3").unwrap().is_older_than_known());
    assert!(Release::parse("latest").is_err());
}

#[test]
fn ranges_show_as_they_are_written() {
    let forms = directive("daemonize").unwrap().forms;
    assert_eq!(forms[0].releases.to_string(), "2.0.0..4.3.12");
    assert_eq!(directive("single").unwrap().forms[0].releases.to_string(), "8.0.0..");
    let range: Range = forms[0].releases;
    assert_eq!((range.first().name(), range.last().name()), ("2.0.0", "4.3.12"));
    assert_eq!(range.releases().next_back().map(Release::name), Some("4.3.12"));
    assert_eq!(Release::newest().next(), None);
    assert_eq!(Release::oldest().previous(), None);
}

#[test]
fn every_release_needs_some_ruby() {
    for release in Release::all() {
        assert!(minimum_ruby(release).is_some(), "{release}");
    }
    let at = |name: &str| minimum_ruby(Release::parse(name).unwrap().release).unwrap().to_string();
    assert_eq!([at("4"), at("6"), at("8")], ["2.2", "2.4", "3.0"]);
}
