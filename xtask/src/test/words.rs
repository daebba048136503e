//! Checks of our own on the words in the code.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::place::Place;

/// What a channel is called. Channels are data (`backend/channels/<slug>/`): code that asks for a name breaks that.
const CHANNELS: [&str; 5] = ["\"nanning\"", "\"guilin\"", "\"paperless\"", "\"beijing\"", "\"procurement\""];

/// Finds code that knows a channel by name, tests apart.
pub fn no_channel_in_code(place: &Place) -> Result<()> {
    let mut found = Vec::new();
    for folder in ["backend/src", "frontend/src", "shared/src", "bridge/src"] {
        for file in rust_files(&place.root.join(folder))? {
            let text = fs::read_to_string(&file)?;
            // Unit tests stand at the end of a file.
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            for (number, line) in code.lines().enumerate() {
                if !line.trim_start().starts_with("//") && CHANNELS.iter().any(|name| line.contains(name)) {
                    found.push(format!("{}:{}: {}", file.display(), number + 1, line.trim()));
                }
            }
        }
    }
    if !found.is_empty() {
        bail!("code must not know a channel by name; put what differs into its profile:\n{}", found.join("\n"));
    }
    Ok(())
}

/// All Rust files below a folder but those that hold only tests.
fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && name != "tests" {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "rs") && !name.ends_with("tests.rs") {
            files.push(path);
        }
    }
    Ok(files)
}
