//! `cargo xtask modules`: draws which modules of each crate use which, and fails on a cycle.

mod graph;
mod source;

use std::path::Path;
use std::process::ExitCode;

use graph::Graph;
use source::Crate;

const USAGE: &str = "usage: cargo xtask modules [CRATE]...\n\
                     Prints which modules use which, crate by crate, and fails where they use each other in a circle.\n\
                     CRATE is a package name; without one, every crate of the workspace is read.";

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "that is what it is for")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((first, wanted)) = arguments.split_first().filter(|(first, _)| *first == "modules") else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    debug_assert_eq!(first, "modules");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let crates = match Crate::all(&root, wanted) {
        Ok(crates) => crates,
        Err(error) => {
            eprintln!("xtask: {error}");
            return ExitCode::from(2);
        }
    };
    let mut cycles = 0;
    for read in &crates {
        let graph = Graph::of(read);
        println!("{}\n{graph}", read.name);
        for cycle in graph.cycles() {
            cycles += 1;
            eprintln!("xtask: in {}, these modules use each other in a circle: {cycle}", read.name);
        }
    }
    if cycles == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
