//! `heirloom completions` and `heirloom man`: what a package brings along, made from the command line itself.

use super::{Cli, Failure, files, print};
use crate::result::ExitStatus;
use clap::{Command, CommandFactory};
use std::path::PathBuf;

/// Arguments of `heirloom completions`.
#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

/// Arguments of `heirloom man`.
#[derive(Debug, clap::Args)]
pub struct Man {
    /// Write a page for every command into this folder [default: the main page, to standard output]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints a script for a shell.
pub fn completions(args: Completions) -> Result<ExitStatus, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "heirloom", &mut script);
    print(&String::from_utf8_lossy(&script));
    Ok(ExitStatus::Ok)
}

/// Prints the manual page, or writes all pages.
pub fn man(args: Man) -> Result<ExitStatus, Failure> {
    let mut command = Cli::command();
    command.build();
    let Some(folder) = args.out else {
        print(&page(command)?.1);
        return Ok(ExitStatus::Ok);
    };
    let mut staged = files::Staged::new();
    for command in every(command) {
        let (name, text) = page(command)?;
        staged.add(&folder.join(name), text.as_bytes())?;
    }
    staged.commit()?;
    Ok(ExitStatus::Ok)
}

/// A command and all below it, but the help that each has.
fn every(command: Command) -> Vec<Command> {
    let below: Vec<Command> = command.get_subcommands().filter(|one| one.get_name() != "help").cloned().collect();
    std::iter::once(command).chain(below.into_iter().flat_map(every)).collect()
}

/// The file name and the text of a command's page.
fn page(command: Command) -> Result<(String, String), Failure> {
    let man = clap_mangen::Man::new(command);
    let mut text = Vec::new();
    man.render(&mut text).map_err(|error| Failure::Error(format!("the page could not be made: {error}")))?;
    Ok((man.get_filename(), String::from_utf8_lossy(&text).into_owned()))
}
