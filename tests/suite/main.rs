//! The test suite: one binary, one module per capability. Reference data and its origin: tests/golden/README.md.

#![allow(clippy::disallowed_methods, reason = "tests compare within tolerances that leave room for differences of processors")]

mod benchmark;
mod cli;
mod crm;
mod engine;
mod enumerate;
mod exact;
mod explain;
mod figures;
mod interval;
mod lint;
mod next;
mod pathways;
mod properties;
mod published;
mod replicates;
mod report;
mod study;
mod support;
mod table;
