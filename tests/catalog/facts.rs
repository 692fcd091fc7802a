//! The catalog's tables against `facts.json`, for every release.

use std::collections::BTreeMap;

use puma_lint::catalog::directive::{ParameterKind, Visibility, methods};
use puma_lint::catalog::flag::Takes;
use puma_lint::catalog::value::Value as CatalogValue;
use puma_lint::catalog::{
    Program, Ranges, Release, constants, defaults, directive, plugins, pumactl, signals, variables,
};
use serde_json::{Value, json};

use super::recorded::{self, at};

type Table = BTreeMap<String, String>;

/// Compares what is told of every release, and names the first difference.
fn same(what: &str, recorded: impl Fn(Release) -> Table, catalog: impl Fn(Release) -> Table) {
    for release in Release::all() {
        let (recorded, catalog) = (recorded(release), catalog(release));
        for (name, fact) in &recorded {
            assert_eq!(catalog.get(name), Some(fact), "{what} `{name}` at {release}");
        }
        for name in catalog.keys() {
            assert!(recorded.contains_key(name), "{what} `{name}` is not in Puma {release}");
        }
    }
}

#[test]
fn directives() {
    let facts = recorded::file("facts.json");
    let recorded = |release| {
        at(&facts["dsl"], release)
            .map(|(name, row)| {
                let private = row["visibility"] == "private";
                (name.to_owned(), format!("{} {} {private}", row["signature"], row["alias_of"]))
            })
            .collect()
    };
    same("method", recorded, |release| {
        methods()
            .iter()
            .filter_map(|method| Some((method.name.to_owned(), method.at(release)?)))
            .map(|(name, form)| {
                let private = form.visibility == Visibility::Private;
                (name, format!("{} {} {private}", json!(form.signature), json!(form.alias_of)))
            })
            .collect()
    });
}

#[test]
fn arities() {
    let facts = recorded::file("facts.json");
    for release in Release::all() {
        for (name, row) in at(&facts["dsl"], release) {
            // Counted on the text, another way than the catalog's.
            let signature = row["signature"].as_str().unwrap().trim_matches(['(', ')']);
            let positional: Vec<&str> = signature
                .split(", ")
                .filter(|p| !p.is_empty() && !p.starts_with('&') && !p.contains(": "))
                .collect();
            let required = positional.iter().filter(|p| !p.contains('=')).count();
            let method = methods().iter().find(|method| method.name == name).unwrap();
            let form = method.at(release).unwrap();
            assert_eq!(
                (form.arity().min, form.arity().max),
                (required, positional.len()),
                "{name} at {release}"
            );
            assert_eq!(form.takes_block(), signature.contains('&'), "{name} at {release}");
        }
    }
    let form = directive("shutdown_debug").unwrap().at(Release::newest()).unwrap();
    assert_eq!(form.keywords().collect::<Vec<_>>(), ["on_force"]);
    assert_eq!(form.parameters[1].kind, ParameterKind::Keyword);
}

#[test]
fn private_methods_are_no_directives() {
    assert!(directive("process_hook").is_none());
    assert!(directive("warn_if_in_single_mode").is_none());
    assert!(directive("on_worker_boot").is_some());
}

#[test]
fn deprecations_and_warnings() {
    let facts = recorded::file("facts.json");
    for release in Release::all() {
        for method in methods() {
            let rows = &facts["dsl_warnings"][method.name];
            let row = if rows.is_null() { None } else { recorded::row(rows, release) };
            let calls = row.and_then(|row| row["calls"].as_str());
            let deprecated = method.deprecation_at(release);
            assert_eq!(
                deprecated.is_some(),
                matches!(calls, Some("deprecate_method_change" | "$stderr.puts")),
                "{} at {release}",
                method.name
            );
            if let (Some(deprecated), Some(new)) = (deprecated, row.and_then(|row| row["new"].as_str())) {
                assert_eq!(deprecated.replacement, new);
            }
            // From 7.0.0 on Puma warns when everything is loaded, not in the method.
            let warns = method.single_mode_warning_at(release).is_some();
            if release < Release::parse("7.0.0").unwrap().release && method.at(release).is_some() {
                let aliased = method.canonical_at(release) != method.name;
                assert!(
                    warns == (calls == Some("warn_if_in_single_mode")) || aliased,
                    "{} at {release}",
                    method.name
                );
            }
        }
    }
}

fn flags(facts: &Value, program: Program) {
    let recorded = |release| {
        at(facts, release)
            .map(|(name, row)| {
                (name.to_owned(), format!("{} {} {}", row["short"], row["argument"], row["placeholder"]))
            })
            .collect()
    };
    same(program.name(), recorded, |release| {
        program
            .flags()
            .iter()
            .filter(|flag| flag.exists(release))
            .map(|flag| {
                let name =
                    if flag.negatable { format!("--[no-]{}", flag.long) } else { format!("--{}", flag.long) };
                let argument = match flag.argument {
                    Takes::None => "none",
                    Takes::Required => "required",
                    Takes::Attached | Takes::Placed => "optional",
                };
                let short = flag.short.map(|short| format!("-{short}"));
                (name, format!("{} {} {}", json!(short), json!(argument), json!(flag.placeholder)))
            })
            .collect()
    });
    for (name, rows) in facts.as_object().unwrap() {
        let flag = program.flag(&name.trim_start_matches("--").replace("[no-]", "")).unwrap();
        for row in rows.as_array().unwrap() {
            for release in recorded::releases(row["versions"].as_str().unwrap()) {
                let deprecated = flag.deprecated.is_some_and(|range| range.contains(release));
                assert_eq!(deprecated, row["marked_deprecated"] == true, "{name} at {release}");
            }
        }
    }
}

#[test]
fn flags_of_puma() {
    flags(&recorded::file("facts.json")["cli"], Program::Puma);
}

#[test]
fn flags_of_pumactl() {
    flags(&recorded::file("facts.json")["pumactl"], Program::Pumactl);
}

#[test]
fn commands_of_pumactl() {
    let facts = recorded::file("facts.json");
    let recorded = |release| {
        at(&facts["pumactl_commands"], release)
            .map(|(name, row)| (name.to_owned(), row["signal"].to_string()))
            .collect()
    };
    same("command", recorded, |release| {
        pumactl::commands()
            .iter()
            .filter(|command| command.exists(release))
            .map(|command| (command.name.to_owned(), json!(command.signal_at(release)).to_string()))
            .collect()
    });
}

#[test]
fn shipped_plugins() {
    let facts = recorded::file("facts.json");
    let recorded =
        |release| at(&facts["plugins"], release).map(|(name, _)| (name.to_owned(), String::new())).collect();
    same("plugin", recorded, |release| {
        let shipped = plugins().iter().filter(|plugin| plugin.releases.contains(release));
        shipped.map(|plugin| (plugin.name.to_owned(), String::new())).collect()
    });
}

#[test]
fn trapped_signals() {
    let facts = recorded::file("facts.json");
    let recorded = |release| {
        at(&facts["signals"], release)
            .map(|(name, row)| match name {
                // A method that gives the platform's signal.
                "Puma.backtrace_signal" => (row["in"][0].as_str().unwrap().to_owned(), String::new()),
                name => (name.to_owned(), String::new()),
            })
            .collect()
    };
    same("signal", recorded, |release| {
        let trapped = signals().iter().filter(|signal| signal.is_trapped(release));
        trapped.map(|signal| (signal.name.to_owned(), String::new())).collect()
    });
}

#[test]
fn environment_variables() {
    let facts = recorded::file("facts.json");
    let recorded = |release| {
        at(&facts["env"], release)
            .map(|(name, row)| {
                (name.to_owned(), format!("{} {}", !row["read"].is_null(), !row["written"].is_null()))
            })
            .collect()
    };
    same("variable", recorded, |release| {
        let known = |ranges: Ranges| ranges.contains(release);
        variables()
            .iter()
            .filter(|variable| known(variable.read) || known(variable.written))
            .map(|variable| {
                (variable.name.to_owned(), format!("{} {}", known(variable.read), known(variable.written)))
            })
            .collect()
    });
}

/// A value of the catalog's as the recording writes it.
fn written(value: &CatalogValue) -> Value {
    match value {
        CatalogValue::Nil => Value::Null,
        CatalogValue::Boolean(value) => json!(value),
        CatalogValue::Integer(value) => json!(value),
        CatalogValue::Float(value) => json!(value),
        CatalogValue::Text(text) => json!(text),
        CatalogValue::Symbol(name) => json!(format!(":{name}")),
        CatalogValue::List(items) => items.iter().map(written).collect(),
        // The recording's directory was called so.
        CatalogValue::Described("<basename of cwd>") => json!("scratch"),
        CatalogValue::Described(what) => json!(what),
    }
}

#[test]
fn option_defaults() {
    let facts = recorded::file("facts.json");
    let recorded = |release| {
        at(&facts["defaults"], release)
            .map(|(name, row)| (name.to_owned(), row["value"].to_string()))
            .collect()
    };
    same("default", recorded, |release| {
        defaults()
            .iter()
            .filter_map(|default| {
                Some((default.option.to_owned(), written(default.at(release)?).to_string()))
            })
            .collect()
    });
}

#[test]
fn numeric_constants() {
    let facts = recorded::file("facts.json");
    let recorded = |release| {
        at(&facts["numeric_constants"], release)
            .map(|(name, row)| (format!("Puma::{name}"), row["value"].to_string()))
            .collect::<Table>()
    };
    same("constant", recorded, |release| {
        constants()
            .iter()
            .filter(|constant| constant.path.starts_with("Puma::") && constant.exists(release))
            .filter_map(|constant| Some((constant.path.to_owned(), constant.value_at(release)?)))
            .filter(|(_, value)| matches!(value, CatalogValue::Integer(_) | CatalogValue::Float(_)))
            // The recording lists a constant where it is defined, not the modules that include it.
            .filter(|(path, _)| {
                let inherited =
                    path.strip_prefix("Puma::Configuration::").or(path.strip_prefix("Puma::DSL::"));
                !inherited.is_some_and(|name| {
                    recorded(release).contains_key(&format!("Puma::ConfigDefault::{name}"))
                })
            })
            .map(|(path, value)| (path, written(value).to_string()))
            .collect()
    });
}
