//! What the build of a page program says about its files.

use std::fs;
use std::path::Path;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha384};

use super::Build;
use crate::place::Place;
use crate::step;

/// The files of one program, as written to `manifest.json` beside them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// The module script that starts the program; loads `wasm` by itself from its own folder.
    pub js: Asset,
    /// The program.
    pub wasm: Asset,
    /// The style sheet; small enough to stand in the HTML.
    pub css: Asset,
}

/// One file. Beside it lie `<file>.br` and `<file>.gz` unless this is a development build.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asset {
    /// File name with a hash of the content, in the manifest's folder: it may be cached for ever.
    pub file: String,
    /// `sha384-…` for an `integrity` attribute.
    pub integrity: String,
    /// Bytes as they are.
    pub bytes: u64,
    /// Bytes with brotli; none in a development build.
    pub brotli: Option<u64>,
    /// Bytes with gzip; none in a development build.
    pub gzip: Option<u64>,
}

impl Asset {
    /// Writes `<name>-<hash>.<extension>` and, for a release, its compressed forms.
    pub fn store(
        place: &Place,
        build: Build,
        folder: &Path,
        name: &str,
        extension: &str,
        content: &[u8],
    ) -> Result<Self> {
        let hash = hex::encode(Sha256::digest(content));
        let file = format!("{name}-{}.{extension}", &hash[..16]);
        let path = folder.join(&file);
        fs::write(&path, content)?;
        let integrity = format!("sha384-{}", STANDARD.encode(Sha384::digest(content)));
        let (brotli, gzip) = match build {
            Build::Dev => (None, None),
            Build::Release => {
                step::output(place.command("brotli").args(["--best", "--keep"]).arg(&path))?;
                step::output(place.command("gzip").args(["-9", "--no-name", "--keep"]).arg(&path))?;
                let size = |ending: &str| fs::metadata(folder.join(format!("{file}.{ending}"))).map(|file| file.len());
                (Some(size("br")?), Some(size("gz")?))
            }
        };
        Ok(Self { file, integrity, bytes: content.len() as u64, brotli, gzip })
    }
}
