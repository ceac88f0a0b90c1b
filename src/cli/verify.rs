//! `heirloom verify`: holds the folder of an audit against its manifest and its log, its inputs against
//! their hashes, and its numbers against those of a run of today.

mod relocate;

use super::audit::EngineChoice;
use super::rerun::Rerun;
use super::{Failure, files, print};
use crate::archive::{self, Differences, Found, Input, MANIFEST, Manifest, RESULT, Verified};
use crate::audit;
use crate::config::{Audit, clean};
use crate::render::{self, Format};
use crate::result::{self, AuditResult, ExitStatus};
pub(super) use relocate::{paths, relocate};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Arguments of `heirloom verify`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder that an audit wrote
    folder: PathBuf,
    /// Where the models and data are: the audit file whose paths lead to them, or a folder; more than once for
    /// several [with --recompute: the working folder]
    #[arg(long, value_name = "PATH")]
    inputs: Vec<PathBuf>,
    /// Run the audit again and compare every number
    #[arg(long)]
    recompute: bool,
    /// What runs the models again [default: what ran them then]
    #[arg(long, value_enum, requires = "recompute")]
    engine: Option<EngineChoice>,
    /// The ONNX Runtime library to use
    #[arg(long, value_name = "PATH", requires = "recompute")]
    onnxruntime: Option<PathBuf>,
}

/// Verifies.
pub fn run(args: Args) -> Result<ExitStatus, Failure> {
    let manifest = read_manifest(&args.folder)?;
    let verified = archive::verify(&args.folder, &manifest).map_err(|error| unreadable(&args.folder, error))?;
    let mut told = Told::default();
    told.folder(&args.folder, &manifest, &verified);
    told.copies(&manifest);
    let sound = verified.holds.iter().any(|name| name == RESULT);
    if sound {
        drawn(&args.folder, &manifest, &verified, &mut told)?;
    }
    if args.inputs.is_empty() && !args.recompute {
        told.line("inputs", format!("{} not looked for; --inputs PATH says where they are", manifest.inputs.len()));
    } else if !sound {
        told.open("inputs", "not looked at, since the result itself does not hold".into());
    } else {
        inputs(&args, &manifest, &mut told)?;
    }
    told.conclude();
    print(&told.text);
    Ok(told.status())
}

fn read_manifest(folder: &Path) -> Result<Manifest, Failure> {
    let path = folder.join(MANIFEST);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        let help = "give the folder that `heirloom audit` wrote";
        Failure::Error(format!("{} could not be read: {error}; {help}", files::name(&path)))
    })?;
    Manifest::read(&text).map_err(|error| Failure::Error(format!("{}: {error}", files::name(&path))))
}

/// Draws again what this version drew from the result, so that a report that was edited together with its hash is
/// told. Formats that hold a path are left out: the folder does not know it.
fn drawn(folder: &Path, manifest: &Manifest, verified: &Verified, told: &mut Told) -> Result<(), Failure> {
    if manifest.tool.version != env!("CARGO_PKG_VERSION") {
        told.line("drawn", format!("by {}, so this version does not draw it again", manifest.tool.version));
        return Ok(());
    }
    let result = files::read_result(&folder.join(RESULT))?;
    let again = |format: &&Format| format.file != RESULT && !format.points();
    let holds = |format: &&Format| verified.holds.iter().any(|name| name == format.file);
    let formats: Vec<&Format> = render::FORMATS.iter().filter(again).filter(holds).collect();
    for format in &formats {
        let path = folder.join(format.file);
        let kept = std::fs::read(&path).map_err(|error| unreadable(&path, error))?;
        if super::render::draw(format, &result)?.as_bytes() != kept {
            told.differs("CHANGED", format!("{} is not what {RESULT} draws", format.file));
        }
    }
    told.line("drawn", format!("{} again from {RESULT}", formats.len()));
    Ok(())
}

fn unreadable(path: &Path, error: std::io::Error) -> Failure {
    Failure::Error(format!("{} could not be read: {error}", files::name(path)))
}

/// Hashes the inputs again, and if asked runs the audit.
fn inputs(args: &Args, manifest: &Manifest, told: &mut Told) -> Result<(), Failure> {
    let stored = files::read_result(&args.folder.join(RESULT))?;
    let (audit, roots) = (asked(&stored)?, roots(&args.inputs)?);
    // What was asked lies in the folder itself.
    let wanted: Vec<Input> = manifest.inputs.iter().filter(|input| !is_asked(input)).cloned().collect();
    let found = archive::find_inputs(&wanted, &roots, &paths(&audit))
        .map_err(|error| Failure::Error(format!("an input could not be read: {error}")))?;
    told.inputs(&wanted, &found);
    if !args.recompute {
        return Ok(());
    }
    match same(&wanted, &found) {
        Some(found) => told.recomputed(&stored, &recompute(args, &stored, audit, found)?),
        None => told.open("numbers", "not computed again: that takes every input as it was".into()),
    }
    Ok(())
}

/// The audit that a result is of.
pub(super) fn asked(stored: &AuditResult) -> Result<Audit, Failure> {
    serde_json::from_value(stored.provenance.config.clone())
        .map_err(|error| Failure::Error(format!("the settings in this result cannot be read: {error}")))
}

/// Where inputs are looked for: in the working folder where nothing is said.
pub(super) fn roots(inputs: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let roots = inputs.iter().map(|path| folder_of(path)).collect::<Result<Vec<PathBuf>, Failure>>()?;
    Ok(if roots.is_empty() { vec![".".into()] } else { roots })
}

/// An audit file stands for the folder that its paths start from.
fn folder_of(path: &Path) -> Result<PathBuf, Failure> {
    if path.is_dir() {
        return Ok(path.into());
    }
    let folder = path.parent().map(|folder| Path::new(".").join(folder)).filter(|_| path.is_file());
    folder.ok_or_else(|| {
        let message = format!("there is no file or folder {}", files::name(path));
        Failure::usage(message, "--inputs takes the audit file, or a folder that holds models and data")
    })
}

pub(super) fn is_asked(input: &Input) -> bool {
    matches!(input.role.as_str(), "audit" | "policy" | "lock" | "accepted")
}

/// An input and where it is.
pub(super) type Here<'a> = (&'a Input, &'a Path);

/// Where the inputs are, if all are the same.
fn same<'a>(wanted: &'a [Input], found: &'a [Found]) -> Option<Vec<Here<'a>>> {
    let here = |(input, found): (&'a Input, &'a Found)| match found {
        Found::Same(path) => Some((input, path.as_path())),
        Found::Changed(_) | Found::Missing => None,
    };
    wanted.iter().zip(found).map(here).collect()
}

/// The audit as it was asked, on the files that were found.
fn recompute(args: &Args, stored: &AuditResult, mut audit: Audit, found: Vec<Here>) -> Result<AuditResult, Failure> {
    relocate(&mut audit, stored, &found);
    let rerun = Rerun { engine: args.engine, onnxruntime: args.onnxruntime.as_deref(), progress: false };
    let mut run = rerun.run(audit, stored)?;
    // Waivers are judged on the day of the audit, and a lock is told as it was then.
    run.dossier.provenance.created = stored.provenance.created.clone();
    run.dossier.provenance.policy = stored.provenance.policy.clone();
    Ok(result::redact(audit::conclude(&run.dossier).map_err(error)?))
}

fn error(error: impl std::fmt::Display) -> Failure {
    Failure::Error(error.to_string())
}

/// What is told, and what it amounts to.
#[derive(Default)]
struct Told {
    text: String,
    differ: usize,
    open: usize,
}

impl Told {
    fn line(&mut self, name: &str, text: String) {
        let _ = writeln!(self.text, " {name:<11} {}", clean(&text));
    }

    fn differs(&mut self, name: &str, text: String) {
        self.differ += 1;
        self.line(name, text);
    }

    fn open(&mut self, name: &str, text: String) {
        self.open += 1;
        self.line(name, text);
    }

    fn folder(&mut self, folder: &Path, manifest: &Manifest, verified: &Verified) {
        let (tool, path) = (&manifest.tool, clean(&folder.display().to_string()));
        let _ = writeln!(
            self.text,
            "{path}: {}, written {} by {} {}",
            clean(&manifest.name),
            clean(&manifest.created),
            clean(&tool.name),
            clean(&tool.version)
        );
        self.line("outputs", format!("{} of {} hold", verified.holds.len(), manifest.outputs.len()));
        let (changed, missing, extra) = (&verified.changed, &verified.missing, &verified.extra);
        changed.iter().for_each(|name| self.differs("CHANGED", name.clone()));
        missing.iter().for_each(|name| self.differs("MISSING", name.clone()));
        extra.iter().for_each(|name| self.differs("EXTRA", format!("{name}, which the manifest does not name")));
        verified.beside.iter().for_each(|name| self.line("beside", name.clone()));
        match &verified.log {
            Some(why) => self.differs("RUNS", format!("{}: {why}", archive::RUNS)),
            None if verified.runs > 0 => {
                self.line("runs", format!("{}, each following from the one before", verified.runs))
            }
            None => {}
        }
    }

    fn inputs(&mut self, wanted: &[Input], found: &[Found]) {
        let same = found.iter().filter(|found| matches!(found, Found::Same(_))).count();
        self.line("inputs", format!("{same} of {} are the same", wanted.len()));
        for (Input { role, file }, found) in wanted.iter().zip(found) {
            match found {
                Found::Same(_) => {}
                Found::Changed(path) => self.differs("CHANGED", format!("{role} {}: {}", file.name, path.display())),
                Found::Missing => {
                    self.open("NOT FOUND", format!("{role} {}; --inputs PATH says where it is", file.name))
                }
            }
        }
    }

    /// What was asked must lie in the folder as it was read.
    fn copies(&mut self, manifest: &Manifest) {
        let kept = |input: &Input| manifest.outputs.iter().any(|output| output.sha256 == input.file.sha256);
        for Input { role, file } in manifest.inputs.iter().filter(|input| is_asked(input) && !kept(input)) {
            self.differs("CHANGED", format!("the copy of {}, the {role}, is not what was read", file.name));
        }
    }

    fn recomputed(&mut self, stored: &AuditResult, again: &AuditResult) {
        let Differences { numbers, worst, count, places } = match archive::differences(stored, again) {
            Ok(found) => found,
            Err(why) => return self.open("numbers", why.to_string()),
        };
        let place = if worst.1.is_empty() { String::new() } else { format!(" ({})", worst.1) };
        let (then, now) = (&stored.provenance.engine, &again.provenance.engine);
        self.line("computed", format!("with {} {}; then {} {}", now.name, now.version, then.name, then.version));
        self.line(
            "numbers",
            format!(
                "{numbers} compared, worst difference {:e}{place}; up to {:e} is the same",
                worst.0,
                archive::TOLERANCE
            ),
        );
        places.iter().for_each(|place| self.line("DIFFERS", place.clone()));
        if let more @ 1.. = count - places.len() {
            self.line("DIFFERS", format!("{more} more"));
        }
        self.differ += count;
    }

    fn conclude(&mut self) {
        let said = match (self.differ, self.open) {
            (0, 0) => "HOLDS: everything that was looked at is as it was written.".into(),
            (0, open) => format!("NOT SETTLED: nothing differs, but {open} could not be looked at."),
            (1, _) => "DIFFERS: 1 thing is not as it was written.".into(),
            (n, _) => format!("DIFFERS: {n} things are not as they were written."),
        };
        let _ = writeln!(self.text, " {said}");
    }

    fn status(&self) -> ExitStatus {
        match (self.differ, self.open) {
            (0, 0) => ExitStatus::Ok,
            (0, _) => ExitStatus::Error,
            _ => ExitStatus::Failed,
        }
    }
}
