//! Words and abbreviations: every document has those that it uses.

use super::designs;
use crate::argument::percent_as_written;
use crate::study::Study;

/// How a method decides, in a few lay words; rules that are relatives have the same.
pub(super) fn lay_line(method: &str) -> Option<String> {
    let counts = "treats three patients at a time and looks at the current dose only";
    let limits = "compares the share of patients with a DLT at the current dose with fixed limits";
    let curve = "after each group updates a curve of risk over all doses";
    let at_once = ", without waiting for every patient's full observation";
    Some(match method {
        "3+3" => counts.to_owned(),
        "Rolling six" => format!("{counts}{at_once}"),
        "BOIN" | "Keyboard" | "mTPI" | "mTPI-2" | "TPI" | "i3+3" | "CCD" => limits.to_owned(),
        "TITE-BOIN" | "TITE-keyboard" | "PoD-TPI" => format!("{limits}{at_once}"),
        "CRM" | "CRM with gamma prior" | "BMA-CRM" | "CRM by maximum likelihood" | "CRM, two-parameter" | "BLRM" | "EWOC" => {
            curve.to_owned()
        }
        "TITE-CRM" | "TITE-BLRM" => format!("{curve}{at_once}"),
        _ => return None,
    })
}

/// The same as the explanation of the method's name.
fn lay_meaning(method: &str) -> Option<String> {
    let line = lay_line(method)?;
    Some(line.replace("after each group updates", "updates").replace(" at the current dose", ""))
}

/// The words of the one page, of those that a text uses: its own meanings, then the methods and sizes in the names of designs.
pub(super) fn lay_words(study: &Study, text: &str) -> Vec<(String, String)> {
    let target = percent_as_written(study.target.value);
    let (low, high) = study.target.acceptable;
    let (low, high) = (percent_as_written(low), percent_as_written(high));
    let mut words = vec![
        ("DLT", "dose-limiting toxicity, a side effect named in the protocol as too severe to accept often".to_owned()),
        ("Right", format!("the dose nearest to {target} DLTs in 100 patients")),
        ("Acceptable range", format!("{low} to {high} in 100")),
        ("Too toxic", format!("more than {high} in 100")),
    ]
    .into_iter()
    .map(|(word, meaning)| (word.to_owned(), meaning))
    .collect::<Vec<_>>();
    let mut sizes: Vec<usize> = Vec::new();
    let reference = designs(study).next().map(|(place, _)| place);
    for (place, design) in designs(study).filter(|(_, design)| text.contains(&design.name)) {
        let word = design.method;
        let is_named = design.name.contains(word) && Some(place) != reference;
        if let Some(meaning) = lay_meaning(word).filter(|_| is_named && !words.iter().any(|(known, _)| known == word)) {
            words.push((word.to_owned(), meaning));
        }
        // A number at the end of a name that is the size of the design.
        let last = design.name.rsplit(' ').next().and_then(|word| word.parse::<usize>().ok());
        let most = match &design.plan {
            crate::design::Plan::Rule(rule) => rule.max_patients(),
            crate::design::Plan::LateOnset(rule) => rule.max_patients(),
            crate::design::Plan::Benchmark(_) => 0,
        };
        if last == Some(most) && !sizes.contains(&most) {
            sizes.push(most);
        }
    }
    words.truncate(MOST - 1);
    sizes.sort_unstable();
    if !sizes.is_empty() {
        let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
        words.push((sizes.join(", "), "most patients treated".to_owned()));
    }
    words
}

/// The most words that the one page explains.
const MOST: usize = 10;

/// A word of the glossary: where a text has one of the forms, what it is called, and what it means.
struct Word {
    forms: &'static [&'static str],
    word: &'static str,
    meaning: &'static str,
}

/// The words of a text, in the order of the glossary.
pub(in crate::report) fn words(text: &str) -> Vec<(String, String)> {
    let has = |form: &str| {
        let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric());
        // A form with a capital is an abbreviation or a name; others are found at the beginning of a sentence as well.
        let (text, form) = if form.chars().any(char::is_uppercase) {
            (text.to_owned(), form.to_owned())
        } else {
            (text.to_lowercase(), form.to_owned())
        };
        text.match_indices(&form).any(|(at, _)| {
            let after = text[at + form.len()..].trim_start_matches('s').chars().next();
            !is_part(text[..at].chars().next_back()) && !is_part(after)
        })
    };
    WORDS
        .iter()
        .filter(|word| word.forms.iter().any(|form| has(form)))
        .map(|word| (word.word.to_owned(), word.meaning.to_owned()))
        .collect()
}

const fn word(forms: &'static [&'static str], word: &'static str, meaning: &'static str) -> Word {
    Word { forms, word, meaning }
}

const WORDS: [Word; 51] = [
    word(
        &["DLT", "dose-limiting"],
        "DLT, dose-limiting toxicity",
        "a side effect, named in the protocol beforehand, so severe that a dose causing it in too many patients cannot be recommended",
    ),
    word(
        &["DLT window", "window"],
        "DLT window",
        "the time after the start of treatment in which a DLT counts for the decision on the next dose",
    ),
    word(
        &["DLT probability", "toxicity", "DLT probabilities"],
        "DLT probability, toxicity",
        "the share of patients who would have a DLT at a dose if very many got it; never known, assumed in each scenario",
    ),
    word(&["target"], "target", "the DLT probability that the chosen dose should have"),
    word(
        &["acceptable", "band"],
        "acceptable range (band)",
        "DLT probabilities near enough to the target for a dose to be acceptable; both ends belong to it",
    ),
    word(&["too toxic"], "too toxic", "with a true DLT probability above the acceptable range"),
    word(&["too low"], "too low", "below the acceptable range although a better dose exists"),
    word(
        &["MTD", "mtd"],
        "MTD, maximum tolerated dose",
        "the dose that a trial looks for: here the one whose true DLT probability is nearest the target and not too toxic",
    ),
    word(
        &["right", "correct"],
        "right dose, correct selection",
        "the MTD of a scenario; where every dose is too toxic, the right answer is no dose",
    ),
    word(
        &["selected", "selects", "none"],
        "selected dose; none",
        "what the design names at the end; \"none\" when it names no dose",
    ),
    word(
        &["phase 2 dose"],
        "recommended phase 2 dose",
        "chosen after the trial from all its data; may be lower than the selected dose",
    ),
    word(&["level"], "dose level", "place of a dose among the planned ones, from 1, the lowest"),
    word(&["design", "rule"], "design, rule", "the complete instruction: next dose, cohort size, stopping, selection"),
    word(&["reference"], "reference design", "the first design of the study, with which the others are compared"),
    word(&["cohort"], "cohort", "patients treated at the same dose before the next decision"),
    word(
        &["escalate", "de-escalate", "eliminate", "E", "S", "D", "DU"],
        "escalate, stay, de-escalate, eliminate",
        "give the next cohort a higher, the same, a lower dose; never return to a dose",
    ),
    word(
        &["operating characteristics"],
        "operating characteristics",
        "how often, and with how many patients, a design ends in each way if a scenario is true",
    ),
    word(&["scenario", "curve"], "toxicity scenario, curve", "one assumption about the true DLT probability of every dose"),
    word(
        &["flat", "monotone", "rise or stay level"],
        "flat, monotone curve",
        "equal at all doses; never falling as the dose rises",
    ),
    word(
        &["3+3"],
        "3+3",
        "three patients at a dose: none with a DLT, go up; one, treat three more, and go up if none of these has one; two or more in all, \
         the dose counts as too toxic",
    ),
    word(
        &["S1", "D1", "K1", "(K)", "(S)", "(D)"],
        "3+3 variants S, D, K",
        "S: at the first too toxic dose select the one below. D: first treat six there. K: as D, and the highest dose needs six too. S1, D1, \
         K1: the same, beginning with one patient",
    ),
    word(&["rolling six"], "rolling six", "a 3+3 that lets up to six patients start without waiting for the others' results"),
    word(
        &["A+B", "2+4", "up-and-down", "biased coin"],
        "A+B, up-and-down, biased coin",
        "rules that, like the 3+3, look only at the last cohort or the current dose",
    ),
    word(
        &["BOIN", "TITE-BOIN"],
        "BOIN, Bayesian optimal interval",
        "compares the share of patients with a DLT at the current dose with two fixed limits",
    ),
    word(
        &["Keyboard", "mTPI", "mTPI-2", "TPI", "i3+3", "CCD", "PoD-TPI", "TITE-keyboard"],
        "interval designs (Keyboard, mTPI, mTPI-2, TPI, i3+3, CCD)",
        "relatives of BOIN that set the limits by other reasoning",
    ),
    word(
        &["CRM", "TITE-CRM", "BMA-CRM"],
        "CRM, continual reassessment method",
        "after each cohort fits one curve to the results of all doses and goes to the dose nearest the target",
    ),
    word(&["skeleton"], "skeleton", "the curve that a CRM starts from"),
    word(
        &["BLRM", "EWOC"],
        "BLRM; EWOC",
        "Bayesian logistic regression model; escalation with overdose control: curve-based rules that limit the estimated chance of \
         overdosing",
    ),
    word(&["prior"], "prior", "what a model assumes before the first patient"),
    word(&["TITE", "time-to-event"], "TITE, time-to-event", "lets a patient count in part before the window is over"),
    word(
        &["titration", "backfill"],
        "titration, backfill",
        "single patients climbing quickly at the start; extra patients at doses already found acceptable",
    ),
    word(
        &["benchmark"],
        "benchmark",
        "a calculation, not a design: what could be found if each patient showed the outcome at every dose",
    ),
    word(
        &["coherence", "no skipping", "coherent"],
        "coherence; no skipping",
        "not going up right after DLTs; going up one level at a time",
    ),
    word(&["stopping rule"], "stopping rule", "a condition under which the trial ends early"),
    word(&["exact"], "exact", "computed from all possible courses of the trial, without simulation"),
    word(
        &["simulated", "simulation", "replicate", "seed"],
        "simulated trial (replicate), seed",
        "one trial played through with random patients; the number that makes the play repeatable",
    ),
    word(
        &["standard error", "95 % interval"],
        "standard error, 95 % interval",
        "how far a simulated number may be from the exact one; a range that covers it in 95 of 100 such runs",
    ),
    word(&["paired difference"], "paired difference", "difference of two designs on the same simulated patients"),
    word(
        &["points", "percentage point"],
        "percentage point",
        "the difference between two percentages: from 10 % to 15 % is 5 points",
    ),
    word(
        &["mean", "median", "quantile", "on average"],
        "mean, median, quantile",
        "average; value that half of the trials do not exceed; the same for another share",
    ),
    word(&["accrual"], "accrual", "how many patients enter per week"),
    word(
        &["FDA", "EMA", "PMDA", "ICH"],
        "FDA, EMA, PMDA, ICH",
        "the drug agencies of the USA, the EU and Japan; the council that harmonises their rules",
    ),
    word(&["SD"], "SD", "standard deviation: how far a prior reaches"),
    word(&["CFO"], "CFO", "a rule that compares the odds of toxicity at three neighbouring doses"),
    word(&["BMA"], "BMA", "Bayesian model averaging: several skeletons at once"),
    word(&["SHA-256", "SHA"], "SHA-256", "a number that tells whether two files are the same"),
    word(&["CSV"], "CSV", "a file of values set apart by commas"),
    word(&["JSON"], "JSON", "a file format for programs"),
    word(&["R"], "R", "a program for statistics"),
    word(&["SVG", "PNG", "PDF"], "SVG, PNG, PDF", "formats of figures"),
    word(&["TOML"], "TOML", "the format of the study file"),
];
