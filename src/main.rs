//! The program: arguments in, exit code out.

use std::process::ExitCode;
use tikv_jemallocator::Jemalloc;

/// sled and HTTP allocate in many small pieces: with the system's allocator a fifth of the time goes there.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    bouncehandlerd::cli::main()
}
