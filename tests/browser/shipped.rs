//! The pages of the shipped studies beside `imm27m`.

use super::driver::Browser;
use super::{Rendered, compare_all, compare_with_library, compiled, curve, drag, show, shown};

/// On the page of a shipped study, every scenario has the numbers of `results.json`, and so has a scenario that is typed; a curve that is
/// dragged has those of the library, but for designs that take long to compile.
fn the_shipped_page_is_exact(name: &str, slow: &[&str], least: usize) {
    // Without a browser nothing is computed.
    let Some(browser) = Browser::start() else { return };
    let rendered = Rendered::shipped(name);
    show(&browser, &rendered.page);
    let (study, json) = (&rendered.study, &rendered.json);
    let levels = study.doses.levels.len();
    let compare = |scenario: &str| {
        compare_all(&shown(&browser), levels, |design, metric| {
            let entries = json["results"].as_array().unwrap();
            let entry = entries.iter().find(|entry| entry["scenario"] == scenario && entry["design"] == design).unwrap();
            assert_eq!(entry["engine"], "exact", "{design} is in the panel");
            let mut found = entry["operating_characteristics"].as_array().unwrap().iter();
            let level = metric.level().map(|level| level as u64);
            found.find(|one| one["metric"] == metric.key() && one["dose_level"].as_u64() == level)?["value"].as_f64()
        })
    };
    let mut compared = 0;
    for (place, scenario) in study.scenarios.iter().enumerate() {
        browser.click(&format!("#live-scenario option[value='{place}']"));
        assert_eq!(curve(&browser), scenario.toxicity);
        compared += compare(&scenario.name);
    }
    // The last scenario is there; the first one is typed over it. A study may name a correct level that no curve tells.
    let first = &study.scenarios[0];
    assert_eq!(study.target.correct_level(&first.toxicity), first.correct);
    for (level, toxicity) in (1..).zip(&first.toxicity) {
        browser.replace(&format!("#live-type-{level}"), &toxicity.to_string());
    }
    compared += compare(&first.name);
    let from = first.toxicity[1];
    drag(&browser, 2, from, from + 0.15);
    assert!((curve(&browser)[1] - from - 0.15).abs() <= 0.021, "{:?}", curve(&browser));
    compared += compare_with_library(&browser, study, &compiled(study, slow));
    assert!(compared >= least, "{name}: {compared} numbers");
}

#[test]
fn the_page_of_the_field_is_exact() {
    the_shipped_page_is_exact("field", &["BMA-CRM", "2-parameter CRM", "BLRM", "EWOC"], 2_500);
}

#[test]
fn the_pages_in_calendar_time_and_over_populations_are_exact() {
    the_shipped_page_is_exact("imm27m-time", &[], 300);
    the_shipped_page_is_exact("imm27m-population", &[], 200);
}
