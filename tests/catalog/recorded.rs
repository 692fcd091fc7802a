//! Reads the recorded files.

use std::collections::HashMap;
use std::sync::OnceLock;

use puma_lint::catalog::Release;
use serde_json::Value;

/// A recorded file.
pub fn file(name: &str) -> Value {
    let path = format!("{}/fixtures/puma/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The ends of `2.0.0..4.3.12` or `5.0.0..`, read without the catalog's own ranges.
fn ends(range: &str) -> (Release, Release) {
    static KNOWN: OnceLock<HashMap<&str, Release>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| Release::all().map(|release| (release.name(), release)).collect());
    let (first, last) = range.split_once("..").unwrap();
    (known[first], if last.is_empty() { Release::newest() } else { known[last] })
}

/// The releases of a range.
pub fn releases(range: &str) -> impl Iterator<Item = Release> {
    let (first, last) = ends(range);
    Release::all().filter(move |release| first <= *release && *release <= last)
}

/// The row of `[{"versions": …}, …]` that holds for `release`.
pub fn row(rows: &Value, release: Release) -> Option<&Value> {
    rows.as_array().unwrap().iter().find(|row| {
        let (first, last) = ends(row["versions"].as_str().unwrap());
        first <= release && release <= last
    })
}

/// Every key of an object with the row that holds for `release`.
pub fn at(table: &Value, release: Release) -> impl Iterator<Item = (&str, &Value)> {
    table
        .as_object()
        .unwrap()
        .iter()
        .filter_map(move |(name, rows)| Some((name.as_str(), row(rows, release)?)))
}
