//! Parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything can open a connection: one crypto provider for all. A second call finds the first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    baton::cli::main()
}
