//! `certhall` with fault points, under a name of its own so that it never stands in for the real program.

#[path = "../main.rs"]
mod program;

fn main() -> anyhow::Result<()> {
    program::main()
}
