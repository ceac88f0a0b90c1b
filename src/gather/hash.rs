//! Hashes of the inputs, so that a reader can see that it is the same file.

use crate::models::ModelError;
use crate::result::FileHash;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::thread::{Builder, JoinHandle};

const BUFFER: usize = 1 << 20;

/// Files that are being hashed on a thread of their own, while the engine starts and the models run. They are read
/// once more than the rows need, from the page cache.
pub struct Hashing {
    files: Vec<PathBuf>,
    thread: Option<JoinHandle<Result<Vec<FileHash>, ModelError>>>,
}

impl Hashing {
    /// Begins; without a thread to be had, the work waits for [`Hashing::finish`].
    pub fn start(files: &[PathBuf]) -> Hashing {
        let files = files.to_vec();
        let own = files.clone();
        let thread = Builder::new().name("hashing".into()).spawn(move || hashes(&own)).ok();
        Hashing { files, thread }
    }

    /// The hashes of the files, in order.
    pub fn finish(self) -> Result<Vec<FileHash>, ModelError> {
        match self.thread.map(JoinHandle::join) {
            Some(joined) => joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            None => hashes(&self.files),
        }
    }
}

/// The hashes of files, in order.
pub fn hashes(files: &[PathBuf]) -> Result<Vec<FileHash>, ModelError> {
    let hashed = |file: &PathBuf| hash_file(file).map_err(|error| ModelError(format!("{}: {error}", file.display())));
    files.iter().map(hashed).collect()
}

/// The SHA-256 and size of a file, under its name without the folder.
pub fn hash_file(path: &Path) -> io::Result<FileHash> {
    let mut file = File::open(path)?;
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
    let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(FileHash { name, sha256, bytes })
}
