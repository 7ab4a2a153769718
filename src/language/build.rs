//! Build script of the crate: a file that is added to this folder, or taken out of it, makes cargo compile again.
//!
//! The files are compiled in by `include_dir!`, which makes cargo look for changes of the files that it found, and not
//! for new ones.

fn main() {
    println!("cargo::rerun-if-changed=src/language");
}
