//! `harness`: see [`harness::cli`].

/// Producers allocate what other threads free, hundreds of thousands of times a second (`docs/performance.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    harness::cli::main().code().into()
}
