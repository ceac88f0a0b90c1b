//! What the intervals and verdicts do on data whose truth is known. Seeded, so that every test passes or
//! fails for good. Those that take minutes run with `scripts/test --nightly`; tests/simulation.md keeps
//! their figures.

mod audits;
mod boundaries;
mod classes;
mod coverage;
mod population;
mod verdicts;
