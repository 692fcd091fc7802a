//! (being built)

use std::process::ExitCode;

/// Runs the program on this process's arguments.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
