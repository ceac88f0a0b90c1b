//! The laws of an audit: what must hold of every result, whatever the models and the data.

#[path = "../common/mod.rs"]
mod common;
mod invariance;
mod named;
mod outcomes;
mod outputs;
mod policy;
mod prevalence;
mod rows;
mod small;
mod undefined;
