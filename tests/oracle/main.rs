//! Every number that another program gives of the same rows, held against ours.
//!
//! `fixtures/oracle/peers` has the rows, the numbers and the scripts that made them. Where a peer
//! invents a number (0/0 as 0) its file says null, and ours has to be undefined.

#[path = "../common/mod.rs"]
mod common;

mod binary;
mod peers;
mod persons;
mod published;
mod representations;
mod several;
