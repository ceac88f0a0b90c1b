//! The tool under bad input: what is wrong is named, with what to do next; the exit code tells whose
//! turn it is; nothing is written, and no fault of the program ever shows.

mod archive;
mod audit_file;
mod case;
mod data;
mod embeddings;
mod groups;
mod models;
mod onnx;
mod others;
mod policy;
mod privacy;
mod results;
mod rows;
mod running;
mod tasks;
