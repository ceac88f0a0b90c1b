//! Where the library of ONNX Runtime may be, and what is there.
//!
//! Looked at in this order: the path given, `HEIRLOOM_ONNXRUNTIME`, beside the program, the Python environment
//! that the program is installed in, its data folder, the `onnxruntime` package of the `python3` on PATH. Nothing is loaded here: a version
//! is read from names.

use std::cmp::Reverse;
use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The oldest ONNX Runtime that has all that is called (its C interface is numbered alike).
pub(super) const OLDEST: (u32, u32) = (1, 24);

/// The variable that names the library.
pub(super) const VARIABLE: &str = "HEIRLOOM_ONNXRUNTIME";

/// What was found in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A library, and its version where its name tells.
    Library(PathBuf, Option<String>),
    /// A library of a version that is too old.
    TooOld(PathBuf, String),
    /// A path that was named, and is no file.
    Missing(PathBuf),
    /// No library there.
    Nothing,
}

/// A place that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The place, in words.
    pub name: String,
    /// What was found.
    pub finding: Finding,
    /// True when someone named this very library: then nothing else may be taken in its stead.
    pub named: bool,
}

/// `beside the program: nothing`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.name)?;
        match &self.finding {
            Finding::Library(path, Some(version)) => write!(f, "ONNX Runtime {version}, {}", path.display()),
            Finding::Library(path, None) => write!(f, "ONNX Runtime, {}", path.display()),
            Finding::TooOld(path, version) => write!(f, "{}", too_old(path, version)),
            Finding::Missing(path) => write!(f, "no file {}", path.display()),
            Finding::Nothing => write!(f, "nothing"),
        }
    }
}

/// The sentence for a version that is too old.
pub(super) fn too_old(path: &Path, version: &str) -> String {
    let (major, minor) = OLDEST;
    format!("ONNX Runtime {version} at {} is too old; {major}.{minor} or newer is needed", path.display())
}

/// Every place in order, with what is there. The first library among them is the one that is used.
pub fn status(path: Option<&Path>) -> Vec<Place> {
    places(path).collect()
}

/// The same, looked at one by one: Python is asked only when nothing came before.
pub(super) fn places(path: Option<&Path>) -> impl Iterator<Item = Place> {
    let given = path.map(|path| named("--onnxruntime", path));
    let variable = env::var_os(VARIABLE).filter(|value| !value.is_empty());
    let variable = variable.map(|value| named(VARIABLE, Path::new(&value)));
    let rest: [fn() -> Place; 4] = [beside_program, in_own_environment, in_data_folder, in_python];
    given.into_iter().chain(variable).chain(rest.into_iter().map(|look| look()))
}

fn named(name: &str, path: &Path) -> Place {
    let finding = if path.is_file() { judged(path) } else { Finding::Missing(path.to_owned()) };
    Place { name: name.to_owned(), finding, named: true }
}

fn beside_program() -> Place {
    in_folders("beside the program".to_owned(), program_folder().into_iter().collect())
}

/// A wheel puts the program into the environment's `bin`, and `onnxruntime` among its packages.
fn in_own_environment() -> Place {
    let folders = program_folder().as_deref().map(environment_folders).unwrap_or_default();
    in_folders("the program's own Python environment".to_owned(), folders)
}

fn program_folder() -> Option<PathBuf> {
    env::current_exe().ok()?.parent().map(Path::to_owned)
}

/// Where the packages of an environment keep ONNX Runtime, from its folder of programs: `bin` beside
/// `lib/python3.12/site-packages`, on Windows `Scripts` beside `Lib/site-packages`.
fn environment_folders(programs: &Path) -> Vec<PathBuf> {
    let library = programs.join("..").join(if cfg!(windows) { "Lib" } else { "lib" });
    let pythons = fs::read_dir(&library).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_python = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("python3"));
    let homes = if cfg!(windows) { vec![library.clone()] } else { pythons.filter(is_python).collect() };
    homes.into_iter().map(|home| home.join("site-packages").join("onnxruntime").join("capi")).collect()
}

fn in_data_folder() -> Place {
    let Some(folder) = data_folder() else {
        return Place {
            name: "the data folder (no home folder is known)".to_owned(),
            finding: Finding::Nothing,
            named: false,
        };
    };
    let mut folders: Vec<PathBuf> = fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    // Folders that start with a dot are installations under way.
    folders.retain(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')));
    folders.push(folder.clone());
    in_folders(format!("the data folder {}", folder.display()), folders)
}

fn in_python() -> Place {
    let Some(python) = python() else {
        return Place { name: "Python (none on PATH)".to_owned(), finding: Finding::Nothing, named: false };
    };
    let package = python_package(&python);
    in_folders(
        format!("the onnxruntime package of {python}"),
        package.map(|package| package.join("capi")).into_iter().collect(),
    )
}

/// The newest library in any of these folders.
fn in_folders(name: String, folders: Vec<PathBuf>) -> Place {
    let mut libraries: Vec<PathBuf> = folders.iter().flat_map(|folder| libraries(folder)).collect();
    libraries.sort_by_key(|path| Reverse(version(path).map(|version| numbers(&version))));
    let finding = libraries.first().map_or(Finding::Nothing, |path| judged(path));
    Place { name, finding, named: false }
}

fn libraries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries
        .filter(|path| path.file_name().is_some_and(|name| is_library(&name.to_string_lossy())) && path.is_file())
        .collect()
}

/// Whether a file is called as this system's library of ONNX Runtime is.
pub(super) fn is_library(name: &str) -> bool {
    if cfg!(windows) {
        name.eq_ignore_ascii_case("onnxruntime.dll")
    } else if cfg!(target_os = "macos") {
        name == "libonnxruntime.dylib" || (name.starts_with("libonnxruntime.") && name.ends_with(".dylib"))
    } else {
        name == "libonnxruntime.so" || name.starts_with("libonnxruntime.so.")
    }
}

fn judged(path: &Path) -> Finding {
    match version(path) {
        Some(version) if is_too_old(&version) => Finding::TooOld(path.to_owned(), version),
        version => Finding::Library(path.to_owned(), version),
    }
}

fn is_too_old(version: &str) -> bool {
    let numbers = numbers(version);
    (numbers.first().copied().unwrap_or(0), numbers.get(1).copied().unwrap_or(0)) < OLDEST
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

/// The version of a library: in its own name (or that of the file it links to), in the name of the
/// folder that `install` made for it, or in that of the Python package around it. The names of other
/// folders are not trusted: `app-0.3` is no version of ONNX Runtime.
pub(super) fn version(path: &Path) -> Option<String> {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let in_name =
        |path: &Path| name(path).filter(|name| name.contains("onnxruntime")).and_then(|name| version_in(&name));
    in_name(path).or_else(|| in_name(&real)).or_else(|| installed_version(&real)).or_else(|| packaged_version(&real))
}

/// `heirloom/onnxruntime/1.32.0/onnxruntime.dll`.
fn installed_version(library: &Path) -> Option<String> {
    let folder = library.parent()?;
    let ours = folder.parent()?.ends_with("heirloom/onnxruntime");
    ours.then(|| folder.file_name()).flatten().and_then(|name| version_in(&name.to_string_lossy()))
}

/// `site-packages/onnxruntime/capi/onnxruntime.dll` stands beside `site-packages/onnxruntime-1.32.0.dist-info`.
fn packaged_version(library: &Path) -> Option<String> {
    let packages = library.ancestors().nth(3)?;
    let mut names =
        fs::read_dir(packages).ok()?.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let note = names.find(|name| name.starts_with("onnxruntime") && name.ends_with(".dist-info"))?;
    version_in(&note)
}

/// The first run of digits and dots with at least one dot inside: `libonnxruntime.so.1.32.0` has `1.32.0`.
fn version_in(name: &str) -> Option<String> {
    let runs = name.split(|letter: char| !letter.is_ascii_digit() && letter != '.').map(|run| run.trim_matches('.'));
    runs.filter(|run| run.contains('.') && !run.contains("..")).map(str::to_owned).next()
}

/// Where `heirloom engine install` puts libraries, a folder for each version.
pub(super) fn data_folder() -> Option<PathBuf> {
    let set = |variable: &str| env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let local =
        if cfg!(windows) { set("LOCALAPPDATA") } else { set("HOME").map(|home| home.join(".local").join("share")) };
    let base = set("XDG_DATA_HOME").filter(|path| path.is_absolute()).or(local)?;
    Some(base.join("heirloom").join("onnxruntime"))
}

/// The Python on PATH, by the name it answers to.
pub(super) fn python() -> Option<String> {
    let answers = |name: &&&str| {
        let call = Command::new(name)
            .arg("--version")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        call.is_ok_and(|status| status.success())
    };
    ["python3", "python"].iter().find(answers).map(|name| (*name).to_owned())
}

/// Says where the package is without importing it. The working folder is left out of the search, so
/// that a folder that happens to be called so is not taken for the package.
const FIND_PACKAGE: &str = "import sys, importlib.util as u
sys.path = [p for p in sys.path if p]
s = u.find_spec('onnxruntime')
print(list(s.submodule_search_locations)[0] if s and s.submodule_search_locations else '')";

fn python_package(python: &str) -> Option<PathBuf> {
    let output = Command::new(python).args(["-c", FIND_PACKAGE]).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().last().map(str::trim).filter(|line| !line.is_empty()).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_names() {
        assert_eq!(version_in("libonnxruntime.so.1.32.0").as_deref(), Some("1.32.0"));
        assert_eq!(version_in("libonnxruntime.1.32.0.dylib").as_deref(), Some("1.32.0"));
        assert_eq!(version_in("onnxruntime_gpu-1.24.4.dist-info").as_deref(), Some("1.24.4"));
        assert_eq!(version_in("libonnxruntime.so.1"), None);
        assert_eq!(version_in("libonnxruntime.so"), None);
    }

    #[test]
    fn old_versions_are_told() {
        assert!(is_too_old("1.23.2") && is_too_old("1.9") && is_too_old("0.5.0"));
        assert!(!is_too_old("1.24.0") && !is_too_old("1.32.0") && !is_too_old("2.0.0"));
    }

    #[test]
    fn a_missing_library_is_named() {
        let place = named("--onnxruntime", Path::new("/nowhere/libonnxruntime.so.1.32.0"));
        assert_eq!(place.to_string(), "--onnxruntime: no file /nowhere/libonnxruntime.so.1.32.0");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_environment_around_the_program_is_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let capi = folder.path().join("lib/python3.12/site-packages/onnxruntime/capi");
        fs::create_dir_all(&capi).unwrap();
        fs::create_dir_all(folder.path().join("bin")).unwrap();
        fs::write(capi.join("libonnxruntime.so.1.32.0"), "").unwrap();
        let place = in_folders("here".into(), environment_folders(&folder.path().join("bin")));
        let found = matches!(&place.finding, Finding::Library(_, Some(version)) if version == "1.32.0");
        assert!(found, "{place}");
        assert_eq!(environment_folders(&folder.path().join("nowhere/bin")), Vec::<PathBuf>::new());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_newest_library_of_a_folder_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        for name in
            ["libonnxruntime.so.1.9.0", "libonnxruntime.so.1.32.0", "libonnxruntime_providers_shared.so", "note.txt"]
        {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let place = in_folders("here".into(), vec![folder.path().to_owned()]);
        assert_eq!(
            place.finding,
            Finding::Library(folder.path().join("libonnxruntime.so.1.32.0"), Some("1.32.0".into()))
        );
    }
}
