//! How the next dose is chosen, and one selected at the end: the rule, the methods by family, the visible list of methods.
//!
//! To add a method: one file in its family that holds its rule, its reader and its page, and one line in [`METHODS`].
//!
//! A method sees counts: never the true toxicities, a random number, a clock or a file. It imports the vocabulary of rules and what
//! its family shares, and nothing from here.

pub mod algorithm;
pub mod interval;
pub mod late_onset;
pub mod model;
mod rule;

pub use rule::{
    Answer, Assessment, CONFIDENCE, Conducted, Context, Course, Deviation, Expected, LevelAssessment, Method, MethodEntry,
    PRECEDENCE, Plan, Printable, Protocol, Rule, Voice, answer, benchmark, decision_list, decision_table, follow,
    follow_patients, next_cohort, pending, read_conduct, selection, wording,
};

/// Every method there is.
pub const METHODS: &[MethodEntry] = &[
    algorithm::three_plus_three::ENTRY,
    algorithm::a_plus_b::ENTRY,
    interval::boin::ENTRY,
    interval::keyboard::ENTRY,
    interval::mtpi2::ENTRY,
    interval::mtpi::ENTRY,
    interval::tpi::ENTRY,
    interval::i3plus3::ENTRY,
    interval::ccd::ENTRY,
    model::crm::ENTRY,
    model::crm_gamma::ENTRY,
    model::crm_ml::ENTRY,
    model::bma_crm::ENTRY,
    model::crm_two_parameter::ENTRY,
    model::blrm::ENTRY,
    model::ewoc::ENTRY,
    algorithm::up_and_down::biased_coin::ENTRY,
    algorithm::up_and_down::group::ENTRY,
    algorithm::given_table::ENTRY,
    late_onset::rolling_six::ENTRY,
    late_onset::tite_boin::ENTRY,
    late_onset::tite_keyboard::ENTRY,
    late_onset::pod_tpi::ENTRY,
    model::crm::tite::ENTRY,
    model::blrm::tite::ENTRY,
    benchmark::ENTRY,
];
