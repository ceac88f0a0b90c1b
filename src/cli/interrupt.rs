//! Ctrl-C: long work is asked to stop between two chunks; a second Ctrl-C ends the process at once.

use super::{Failure, say};
use crate::result::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
const MESSAGE: &str = "interrupted; nothing was written";

/// The flag that long work polls; becomes true at the first Ctrl-C.
pub fn interrupted() -> &'static AtomicBool {
    &INTERRUPTED
}

/// Listens for Ctrl-C from now on.
pub(super) fn watch() {
    let handler = || {
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            say(&format!("error: {MESSAGE}\n"));
            signal_hook::low_level::exit(ExitStatus::Error.code().into());
        }
    };
    // Without a handler Ctrl-C still ends the process, only less politely.
    let _ = ctrlc::set_handler(handler);
}

/// Fails if Ctrl-C was pressed: to be asked before anything is written.
pub(super) fn check() -> Result<(), Failure> {
    match INTERRUPTED.load(Ordering::SeqCst) {
        true => Err(Failure::Error(MESSAGE.into())),
        false => Ok(()),
    }
}
