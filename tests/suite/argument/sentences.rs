//! The sentences of the specification, word for word, from the studies named there.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

use super::studies::{A2, B2, E, FIELD, IMM27M, argued, simulated, text, texts, verdict, with_designs};
use dosebench::argument::{Group, Verdict, answer, argue};

/// The second section of the appendix of the shipped study.
const ANSWER: &str = "The study states no criteria for choosing a design, so this report recommends none. It shows what each costs and gives. If one \
of the doses is right (5 scenarios, equal weights), Protocol 3+3 (K1) selects it in about 39 of 100 trials, at worst in about 35 (\"MTD at level \
4\"). It selects a dose that is too low in about 41, one that is too toxic in about 11 (at worst about 19, \"MTD at level 1\"), and none in about \
10. If every dose is too toxic (\"All levels too toxic\"), Protocol 3+3 (K1) rightly ends without a dose in about 81 of 100 trials, after 7.3 \
patients and 3.6 DLTs on average. In the others it selects a dose that is too toxic. If every dose is below the acceptable range (\"All levels \
safe\"), Protocol 3+3 (K1) selects the highest dose in about 92 of 100 trials. If toxicity jumps past the acceptable range (\"Jump after level \
3\"), Protocol 3+3 (K1) selects 1.0 mg/kg, the highest dose below the jump, in about 69 of 100 trials and a dose that is too toxic in about 9. If \
one of the doses is right, it treats 14.0 patients on average; 3.0 of them have a DLT and 2.9 are treated at a dose that is too toxic. The trial \
takes 44 weeks. Over all scenarios it treats 7.3 to 17.3 patients on average. It treats more than the planned 16 patients in up to about 46 of 100 \
trials (\"MTD at level 5\"), and never more than 30. With about as many patients (15.8 each instead of 14.0), CRM 16 and BOIN 16 select the right \
dose in about 53 and 48 of 100 trials instead of 39. The price: they select a dose that is too toxic in about 21 (CRM 16) and 15 (BOIN 16) instead \
of 11. If every dose is too toxic, they end without a dose in about 56 and 64 instead of 81. If toxicity jumps, they select a dose that is too \
toxic in about 36 and 22 instead of 9. If every dose is below the acceptable range, BOIN 16 selects the highest in about 73 instead of 92. With \
more patients more can be had: CRM 30 (29.5 patients on average) and BOIN 30 (29.4) select the right dose in about 65 and 61 of 100 trials instead \
of 39. They treat twice as many patients, of whom 7.0 and 6.3 instead of 3.0 have a DLT, and take 92 and 91 weeks instead of 44. They select a \
dose that is too toxic in about 15 and 13 instead of 11. All numbers are exact: given the assumptions they carry no simulation error.";

#[test]
fn the_answer_of_the_shipped_study() {
    let argument = argued(IMM27M);
    let said: Vec<&str> = answer(&argument.sentences).into_iter().map(|sentence| sentence.text.as_str()).collect();
    assert_eq!(said.join(" "), ANSWER);
    assert_eq!(said.len(), 12, "at most 12 ids");
    let groups: Vec<(Group, Option<Verdict>)> = argument.designs.iter().map(|design| (design.group, design.verdict)).collect();
    let (little, trade) = (Some(Verdict::LittleDifferent), Some(Verdict::TradeOff));
    assert_eq!(
        groups,
        [
            (Group::Same, None),
            (Group::Smaller, trade),
            (Group::Same, little),
            (Group::Same, little),
            (Group::Same, trade),
            (Group::Larger, trade),
            (Group::Same, trade),
            (Group::Larger, trade),
        ]
    );
    assert_eq!(
        text(&argument, "E5"),
        "3+3 D1 and 3+3 (K) differ little from it: they are right in about 39 and 38 of 100 trials, with 13.7 and 15.1 patients. Largest \
         differences: a dose that is too toxic is selected by 3+3 D1 in about 14 instead of 10 (\"MTD at level 4\"), by 3+3 (K) in about 14 \
         instead of 19 (\"MTD at level 1\")."
    );
    assert_eq!(
        text(&argument, "E8"),
        "3+3 S1 needs fewer patients (11.1 instead of 14.0) and is right about as often (43 and 39 of 100 trials), but selects a dose that is \
         too toxic in about 14 instead of 11 and, if every dose is too toxic, in about 57 instead of 19."
    );
    assert_eq!(
        text(&argument, "B1"),
        "If each of 16 patients showed the outcome at every dose, the right dose would be found in about 61 of 100 trials (the benchmark, a \
         reference); CRM 16 finds it in about 53 and BOIN 16 in about 48."
    );
    for absent in ["H2", "H3", "H9", "E3", "E4", "S2", "W1", "W2", "W3", "W4", "W5", "U2", "U3", "U4"] {
        assert!(texts(&argument, absent).is_empty(), "{absent}");
    }
}

#[test]
fn one_scenario_with_a_right_dose() {
    let argument = argued(A2);
    assert_eq!(
        text(&argument, "H2"),
        "If 1.5 mg/kg is the right dose (\"MTD 1.5 mg/kg\"), 3+3 as in the protocol selects it in about 23 of 100 trials. It selects another \
         acceptable dose in about 44, one that is too low in about 32, one that is too toxic in about 1, and none in fewer than 1."
    );
    assert_eq!(
        text(&argument, "E1"),
        "With about as many patients (18.0 instead of 16.1), BOIN selects the right dose in about 44 of 100 trials instead of 23, and an \
         acceptable one in about 92 instead of 67."
    );
    assert_eq!(
        text(&argument, "E2"),
        "The price: if every dose is too toxic, it ends without a dose in about 67 instead of 86. If every dose is below the acceptable range, \
         it selects the highest in about 63 instead of 90."
    );
    assert_eq!(
        text(&argument, "W2"),
        "\"BOIN, 12 at the MTD\" ends without a dose in about 22 of 100 trials although 1.5 mg/kg is right, because no dose that it could select \
         has the 12 patients it must have."
    );
    assert_eq!(
        text(&argument, "H9"),
        "Its highest risk of selecting a dose that is too toxic is about 14 of 100 trials (\"All toxic\")."
    );
    assert!(texts(&argument, "H1").is_empty());
}

#[test]
fn ties_and_missing_classes() {
    let argument = argued(E);
    assert_eq!(
        text(&argument, "W3"),
        "3 mg, 4 mg and 5 mg have the same toxicity under \"plateau\"; selecting any of them counts as right (78 of 100 trials)."
    );
    assert_eq!(
        text(&argument, "H5"),
        "If every dose is below the acceptable range (\"flat safe\"), BOIN selects the highest dose in about 94 of 100 trials."
    );
    assert_eq!(
        text(&argument, "W4"),
        "This study has no scenario in which every dose is too toxic; what the designs do then is not shown."
    );
    assert!(texts(&argument, "E4").is_empty(), "there is no other design");
    let named = E.replace("toxicity = [0.34, 0.5, 0.6, 0.7, 0.8]", "toxicity = [0.34, 0.5, 0.6, 0.7, 0.8]\nmtd = 0");
    assert_eq!(text(&argued(&named), "W5"), "Under \"steep\" the study names no dose as right; by the target it would be 1 mg.");
    assert!(text(&argued(&named), "H4").starts_with("If no dose is right (\"steep\"), BOIN rightly ends without a dose in"));
}

#[test]
fn no_scenario_with_a_right_dose() {
    let flat = E.replace("toxicity = [0.05, 0.10, 0.25, 0.25, 0.25]", "toxicity = [0.05, 0.10, 0.11, 0.12, 0.13]");
    let flat = flat.replace("toxicity = [0.34, 0.5, 0.6, 0.7, 0.8]", "toxicity = [0.36, 0.5, 0.6, 0.7, 0.8]");
    let argument = argued(&flat);
    assert_eq!(
        text(&argument, "H3"),
        "No scenario of this study has a dose in the acceptable range, so nothing can be said of how often a design finds the right one."
    );
    for absent in ["H1", "H2", "E1", "L1"] {
        assert!(texts(&argument, absent).is_empty(), "{absent}");
    }
}

#[test]
fn where_the_rule_of_the_protocol_does_well() {
    let algorithms = ["Protocol 3+3 (K1)", "3+3 S1", "3+3 D1", "3+3 (K)"];
    let argument = argued(&with_designs(IMM27M, &algorithms));
    assert_eq!(
        text(&argument, "E3"),
        "Of the designs of this size or smaller, none is right more often than Protocol 3+3 (K1) by more than 5 of 100 trials (39; the highest, \
         3+3 S1, 43)."
    );
    assert!(texts(&argument, "S2").is_empty() && texts(&argument, "E1").is_empty());
    let argument = argued(&with_designs(IMM27M, &["Protocol 3+3 (K1)", "3+3 D1", "3+3 (K)"]));
    assert_eq!(text(&argument, "S2"), "Protocol 3+3 (K1) is as good as any design of its size in this study.");
    let argument = argued(&with_designs(IMM27M, &["Protocol 3+3 (K1)", "BOIN 30"]));
    assert_eq!(
        text(&argument, "E4"),
        "No other design of this study has the size of Protocol 3+3 (K1) (14.0 patients on average); every comparison below is also one of size."
    );
}

#[test]
fn verdicts_of_the_field() {
    let argument = argued(&with_designs(FIELD, &["3+3", "2+4"]));
    assert_eq!(verdict(&argument, "2+4"), Verdict::NeverBetter);
    assert_eq!(
        text(&argument, "E7"),
        "2+4 has no relevant advantage over 3+3 in any scenario, and treats more patients at doses that are too toxic (3.5 instead of 2.6 on \
         average)."
    );
    let argument = argued(&with_designs(FIELD, &["3+3, titration", "2+4"]));
    assert_eq!(verdict(&argument, "2+4"), Verdict::AtLeastAsGood);
    assert_eq!(
        text(&argument, "E6"),
        "2+4 is at least as good as 3+3, titration in every scenario, by this report's thresholds, and selects a dose that is too toxic less \
         often: in about 17 instead of 21 of 100 trials under \"MTD at level 1\"."
    );
}

#[test]
fn simulated_designs() {
    let (study, results) = simulated(B2, 20_000);
    let argument = argue(&study, &results).unwrap();
    let never = text(&argument, "W1");
    assert!(
        never.starts_with(
            "TITE-CRM and CRM cannot end without a dose. If every dose is too toxic (\"toxic\"), all their trials treat 24 patients and \
             select a dose that is too toxic; 1"
        ) && never.ends_with(" patients have a DLT."),
        "{never}"
    );
    let gain = &texts(&argument, "U3")[0];
    assert!(
        gain.starts_with("TITE-CRM selects the right dose more often than Rolling six, by ")
            && gain.contains(" points (95 % interval, same patients); the price is ")
            && gain.ends_with(" points more selections that are too toxic."),
        "{gain}"
    );
    let sure = text(&argument, "U2");
    assert!(sure.contains("are simulated, 20,000 trials a scenario: their percentages are within ±"), "{sure}");
    let can: Vec<bool> = argument.designs.iter().map(|design| design.can_select_none).collect();
    assert_eq!(can, [true, false, false]);
}
