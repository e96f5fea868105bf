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
    Answer, Assessment, CONFIDENCE, ConductKeys, Conducted, Context, Course, Deviation, Expected, Law, LevelAssessment, Method,
    MethodEntry, PRECEDENCE, Plan, Printable, Protocol, Rule, Voice, answer, benchmark, conduct_keys, decision_list,
    decision_table, follow, follow_patients, next_cohort, pending, read_conduct, selection, wording,
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
    algorithm::cfo::ENTRY,
    algorithm::given_table::ENTRY,
    late_onset::rolling_six::ENTRY,
    late_onset::tite_boin::ENTRY,
    late_onset::tite_keyboard::ENTRY,
    late_onset::pod_tpi::ENTRY,
    model::crm::tite::ENTRY,
    model::blrm::tite::ENTRY,
    benchmark::ENTRY,
];

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    /// The Rust files of a folder and of those in it.
    fn sources(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let of = |path: PathBuf| if path.is_dir() { sources(&path) } else { vec![path] };
        entries.flat_map(of).filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
    }

    #[test]
    fn methods_import_the_vocabulary_and_their_family_alone() {
        let design = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/design");
        let rooms: [(&str, &[&str]); 5] = [
            ("rule", &["rule"]),
            ("interval", &["rule", "interval"]),
            ("model", &["rule", "model"]),
            ("algorithm", &["rule", "algorithm"]),
            ("late_onset", &["rule", "late_onset", "interval"]),
        ];
        for (room, known) in rooms {
            let files = sources(&design.join(room));
            assert!(!files.is_empty(), "{room}");
            for file in files {
                let text = std::fs::read_to_string(&file).expect("a source");
                let is_root = file == design.join(room).join("mod.rs");
                assert!(!is_root || !text.contains("\nuse super::"), "{} imports upwards", file.display());
                for used in text.split("crate::design::").skip(1) {
                    let is_known = known.iter().any(|room| used.starts_with(&format!("{room}::")));
                    assert!(is_known, "{}: {}", file.display(), used.lines().next().unwrap_or_default());
                }
            }
        }
    }
}
