//! The test suite: one binary, one module per capability. Reference data and its origin: tests/golden/README.md.

#![allow(clippy::disallowed_methods, reason = "tests compare within tolerances that leave room for differences of processors")]

mod a_plus_b;
mod argument;
mod backfill;
mod benchmark;
mod blrm;
mod calendar;
mod calendar_measures;
mod cli;
mod crm;
mod crm_family;
mod curve_results;
mod dropout;
mod engine;
mod enumerate;
mod ewoc;
mod exact;
mod explain;
mod figures;
mod forks;
mod generators;
mod gradients;
mod interval;
mod interval_designs;
mod interval_tables;
mod late_onset;
mod laws;
mod leaves;
mod lint;
mod logistic;
mod next;
mod pathways;
mod population;
mod population_studies;
mod properties;
mod published;
mod replicates;
mod report;
mod sensitivity;
mod study;
mod support;
mod table;
mod titration;
mod tune;
mod tune_simulated;
