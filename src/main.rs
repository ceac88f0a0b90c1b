//! Parse, run, exit code.

use std::io::Write;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let status = heirloom::cli::main();
    // A reader that has gone away, such as `head`, is no failure.
    let _ = std::io::stdout().flush();
    // Nothing is tidied up that ends with the process: ONNX Runtime would take as long for it as a report does.
    signal_hook::low_level::exit(status.code().into())
}
