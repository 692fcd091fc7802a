//! Compiles the catalog's data (`src/catalog/data/*.toml`) into constant tables, and refuses data that is not sound.

#[path = "build/emit.rs"]
mod emit;
#[path = "build/releases.rs"]
mod releases;
#[path = "build/schema.rs"]
mod schema;
#[path = "build/signature.rs"]
mod signature;
#[path = "build/tables.rs"]
mod tables;

use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            for line in error.to_string().lines() {
                // Cargo shows such a line as an error of its own.
                let _ = writeln!(std::io::stdout(), "cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout();
    for watched in ["build.rs", "build", "src/catalog/data"] {
        writeln!(out, "cargo::rerun-if-changed={watched}")?;
    }
    let code = tables::generate(Path::new("src/catalog/data"))?;
    let target = std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set: run by Cargo")?;
    std::fs::write(Path::new(&target).join("catalog_tables.rs"), code)?;
    Ok(())
}
