//! The program: arguments in, exit code out.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// sled and HTTP allocate in many small pieces: with the system's allocator a fifth of the time goes there.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    bouncehandlerd::cli::main()
}
