//! Outputs that cannot be written, and a run that is cut off.

use crate::case::{Case, csv};
use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

#[test]
fn an_output_folder_that_is_a_file_is_named() {
    let case = Case::new();
    case.write("taken", "a file");
    case.fails(&["audit", "audit.toml", "--out", "taken"], 3, &["taken", "could not be written"]);
    case.fails(&["audit", "audit.toml", "--out", "taken/below"], 3, &["taken/below", "could not be written"]);
}

#[cfg(unix)]
#[test]
fn an_output_folder_that_is_not_writable_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let case = Case::new();
    std::fs::create_dir(case.path("locked")).unwrap();
    std::fs::set_permissions(case.path("locked"), std::fs::Permissions::from_mode(0o555)).unwrap();
    // The superuser may write anywhere.
    if std::fs::write(case.path("locked/probe"), "").is_err() {
        case.fails(&["audit", "audit.toml", "--out", "locked"], 3, &["locked", "could not be written"]);
    }
}

#[test]
fn an_output_that_is_a_folder_leaves_the_others_unwritten() {
    let case = Case::new();
    std::fs::create_dir_all(case.path("out/report.html")).unwrap();
    case.write("out/result.json", "older");
    case.fails(&["audit", "audit.toml", "--out", "out"], 3, &["report.html", "could not be written"]);
    case.fails(&["audit", "audit.toml", "--out", "new", "--evidence", "out"], 3, &["out", "could not be written"]);
}

#[test]
fn inputs_are_never_written_over() {
    let case = Case::income();
    for name in ["audit.toml", "eval.parquet", "./base.onnx", "tuned.onnx"] {
        for flag in ["--save-scores", "--evidence"] {
            case.fails(
                &["audit", "audit.toml", "--out", "out", "--engine", "embedded", flag, name],
                2,
                &["is an input of this audit", "another file"],
            );
        }
    }
    case.fails(
        &["audit", "audit.toml", "--out", "out", "--engine", "embedded", "--evidence", "same", "--save-scores", "same"],
        3,
        &["`same`", "two outputs"],
    );
}

#[test]
fn init_leaves_what_is_there() {
    Case::new().fails(&["init"], 3, &["audit.toml", "already there", "--force"]);
}

#[test]
fn outputs_are_whole_and_nothing_else_is_left() {
    let case = Case::new();
    case.gives(0);
    let mut names: Vec<_> =
        std::fs::read_dir(case.path("out")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["audit.toml", "manifest.json", "report.html", "result.json", "runs.jsonl"]);
}

/// A device is written to and stays one.
#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_named_and_stays_what_it_is() {
    use std::os::unix::fs::FileTypeExt;
    let case = Case::new();
    case.gives(0);
    for args in [
        &["render", "out/result.json", "--format", "html", "--out", "/dev/full"][..],
        &["compare", "out", "out", "--out", "/dev/full"],
        &["audit", "audit.toml", "--out", "out", "--engine", "embedded", "--evidence", "/dev/full"],
    ] {
        case.fails(args, 3, &["/dev/full", "could not be written"]);
    }
    assert!(std::fs::metadata("/dev/full").unwrap().file_type().is_char_device());
}

/// A small file system of its own, which goes away with the value.
#[cfg(target_os = "linux")]
struct Disk(std::path::PathBuf);

#[cfg(target_os = "linux")]
impl Disk {
    fn mount(at: std::path::PathBuf, size: &str) -> Option<Disk> {
        std::fs::create_dir(&at).unwrap();
        let options = format!("size={size}");
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(&at)
            .stderr(Stdio::null())
            .status();
        mounted.is_ok_and(|status| status.success()).then_some(Disk(at))
    }
}

#[cfg(target_os = "linux")]
impl Drop for Disk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(&self.0).status();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_leaves_the_older_report() {
    let case = Case::new();
    let Some(disk) = Disk::mount(case.path("disk"), "256k") else {
        eprintln!("SKIPPED: no file system can be mounted here, so no disk was filled");
        return;
    };
    let out = disk.0.to_str().unwrap().to_owned();
    assert_eq!(case.run(&["audit", "audit.toml", "--out", &out, "--engine", "embedded"]).code, Some(0));
    let before = case.files();
    std::fs::write(disk.0.join("ballast"), vec![0; 200_000]).unwrap_or_default();
    let filled = case.files();
    case.fails(&["audit", "audit.toml", "--out", &out, "--engine", "embedded"], 3, &["disk/", "could not be written"]);
    std::fs::remove_file(disk.0.join("ballast")).unwrap();
    assert!(filled.len() == before.len() + 1 && case.files() == before);
}

#[cfg(unix)]
#[test]
fn evidence_and_scores_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let case = Case::new();
    assert_eq!(case.audit(&["--evidence", "e.json", "--save-scores", "s.parquet"]).code, Some(0));
    for name in ["e.json", "s.parquet"] {
        let mode = case.path(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} {mode:o}");
    }
}

#[cfg(unix)]
#[test]
fn results_keep_to_the_users_mask() {
    use std::os::unix::fs::PermissionsExt;
    let case = Case::new();
    let tool = env!("CARGO_BIN_EXE_heirloom");
    let shell = format!("umask 077; '{tool}' audit audit.toml --out out -q");
    let status = std::process::Command::new("sh").args(["-c", &shell]).current_dir(case.path("")).status().unwrap();
    assert!(status.success());
    let mode = case.path("out/result.json").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

/// Many rows, so that there is time to interrupt.
fn long() -> Case {
    let case = Case::new();
    let rows = csv(100_000, |row| ["Female", "Male"][row % 2].into());
    let body = rows.split_once('\n').unwrap().1;
    case.write("eval.csv", format!("y,sex,b,t\n{}", body.repeat(90)));
    case
}

#[cfg(unix)]
#[test]
fn an_interrupt_stops_the_run_and_writes_nothing() {
    let case = long();
    let before = case.files();
    let mut child = case
        .command(&["audit", "audit.toml", "--out", "out"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(250));
    let running = child.try_wait().unwrap().is_none();
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let start = Instant::now();
    let code = child.wait().unwrap().code();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(running && killed.success(), "the run was over too soon");
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!((code, err.contains("interrupted; nothing was written")), (Some(3), true), "{err}");
    assert!(case.files() == before);
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let case = Case::new();
    case.gives(0);
    let tool = env!("CARGO_BIN_EXE_heirloom");
    for verb in [
        "audit audit.toml --out out",
        "render out/result.json",
        "render out/result.json --format json",
        "explain",
        "--help",
        "audit --help",
    ] {
        let shell = format!("'{tool}' {verb} 2>err | head -c 1 >/dev/null; cat err");
        let output = std::process::Command::new("sh").args(["-c", &shell]).current_dir(case.path("")).output().unwrap();
        let err = String::from_utf8_lossy(&output.stdout);
        assert!(!err.contains("error") && !err.contains("panic") && !err.contains("fault"), "{verb}: {err}");
    }
    // A closed standard output or error.
    for close in [">&-", "2>&-", ">&- 2>&-", ">/dev/full", "2>/dev/full"] {
        let shell = format!("'{tool}' audit audit.toml --out out {close}; exit $?");
        let output = std::process::Command::new("sh").args(["-c", &shell]).current_dir(case.path("")).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{close}");
    }
}
