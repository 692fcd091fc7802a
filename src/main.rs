//! Arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    puma_lint::cli::main()
}
