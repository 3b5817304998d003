//! Reads the labs that ship with labrun while it is built, so that a learner does not wait for it at every command.
//!
//! What goes into the program is made from `labs/`: each YAML file as JSON, which is read in a fraction of the time, the
//! Markdown as it is, and beside a lab the hash of its files. A test holds that these say what the files say.

#[path = "crates/lab/src/yaml.rs"]
mod yaml;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;
use sha2::{Digest, Sha256};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=labs");
    // At an address of its own it needs none of its 14 000 pointers set at each start; the linker of a static one has to
    // be told in another way.
    if env::var("CARGO_CFG_TARGET_OS")? == "linux" && env::var("CARGO_CFG_TARGET_ENV")? == "gnu" {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
    let built = PathBuf::from(env::var("OUT_DIR")?).join("labs");
    if built.exists() {
        fs::remove_dir_all(&built)?;
    }
    below(Path::new("labs"), &built)
}

/// Builds a folder of `labs/` and all below it.
fn below(folder: &Path, built: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(built)?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        match path.extension().and_then(|extension| extension.to_str()) {
            _ if path.is_dir() => below(&path, &built.join(name))?,
            Some("yaml") => {
                let tree = read(&path)?;
                if name == "lab.yaml" {
                    fs::write(built.join("lab.sha256"), hash(&path, &tree)?)?;
                }
                fs::write(built.join(name).with_extension("json"), tree.to_string())?;
            }
            Some("md") => fs::write(built.join(name), fs::read(&path)?)?,
            _ => {}
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Value, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    serde_saphyr::from_str_with_options(&text, yaml::options())
        .map_err(|error| format!("{}: {error}", path.display()).into())
}

/// The hash of a lab's files, as `crates/lab/src/load.rs` takes it: `lab.yaml`, and what it names.
fn hash(path: &Path, tree: &Value) -> Result<String, Box<dyn Error>> {
    let mut hash = Sha256::new();
    hash.update(fs::read(path)?);
    for name in ["briefing", "wrap_up"].iter().filter_map(|key| tree.get(key)?.as_str()) {
        hash.update(fs::read(path.with_file_name(name))?);
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
