//! What the first design does, class by class: H1 to H9.

use super::say::{Say, occurs, trials};
use super::{Draft, Lay};
use crate::argument::case::{At, Case};
use crate::argument::facts;
use crate::argument::quantity::Quantity;
use crate::argument::words;
use crate::scenario::{Class, Place};

/// Exceeding the planned number of patients less often than this is not told.
const SELDOM: f64 = 0.01;

/// More scenarios of a class than this are told by their mean and the worst.
const ONE_BY_ONE: usize = 4;

pub(super) fn sentences(case: &Case<'_>) -> Vec<Draft> {
    let all = [right(case), highest_risk(case), toxic(case), below(case), gap(case), patients(case), planned(case)];
    all.into_iter().flatten().collect()
}

/// The condition of class `mtd`: `If one of the doses is right`.
pub(super) fn if_right(say: &Say<'_, '_>) -> String {
    match say.case.of(Class::Mtd) {
        [only] => format!("If {} is the right dose", words::alternatives(&say.right_doses(*only))),
        _ => "If one of the doses is right".to_owned(),
    }
}

/// The condition of class `toxic`: where the study names none as right although a dose is in the range, no dose is right.
pub(super) fn if_toxic(case: &Case<'_>) -> &'static str {
    if case.of(Class::Toxic).iter().any(|&place| !is_all_over(case, place)) {
        "If no dose is right"
    } else {
        "If every dose is too toxic"
    }
}

pub(super) const IF_BELOW: &str = "If every dose is below the acceptable range";
pub(super) const IF_GAP: &str = "If toxicity jumps past the acceptable range";

/// Whether every level under a scenario is too toxic.
fn is_all_over(case: &Case<'_>, place: usize) -> bool {
    let study = case.study;
    study.scenarios[place].toxicity.iter().all(|&toxicity| study.target.place(toxicity) == Place::Over)
}

/// `5 scenarios, equal weights`, of scenarios or truths.
pub(super) fn weights(case: &Case<'_>, places: &[usize], many: &str) -> String {
    let weights: Vec<f64> = places.iter().map(|&place| case.study.scenarios[place].weight).collect();
    let number = format!("{} {many}", places.len());
    if weights.windows(2).all(|pair| pair[0] == pair[1]) {
        return format!("{number}, equal weights");
    }
    format!("{number}, weights {}", words::list(&weights.iter().map(f64::to_string).collect::<Vec<_>>()))
}

/// The ends of a trial beside the right one, in the order of speaking.
const ENDS: [(Quantity, &str, &str); 4] = [
    (Quantity::OtherAcceptable, "another acceptable dose", "another acceptable dose"),
    (Quantity::TooLow, "a dose that is too low", "one that is too low"),
    (Quantity::TooToxic, "a dose that is too toxic", "one that is too toxic"),
    (Quantity::None, "none", "none"),
];

/// H1 and H2, H3 where no dose is right under any scenario.
fn right(case: &Case<'_>) -> Option<Draft> {
    let say = Say::new(case);
    let reference = case.reference();
    let places = case.of(Class::Mtd);
    if places.is_empty() {
        let text = "No scenario of this study has a dose in the acceptable range, so nothing can be said of how often a design finds the \
                    right one.";
        return Some(say.done("H3", text.to_owned(), Lay::Same));
    }
    let right = case.at_mean(reference, Class::Mtd, Quantity::Right)?;
    let worst = case.at_extreme((reference, Quantity::Right), places, false, trials)?;
    let (name, condition) = (say.name(reference), if_right(&say));
    let is_one = places.len() == 1;
    let right_trials = say.about(&right);
    let (head, lay_head) = if is_one {
        (format!("{condition} ({}), {name} selects it in {right_trials} of 100 trials", say.under(&right)), condition)
    } else {
        let mut head =
            format!("{condition} ({}), {name} selects it in {right_trials} of 100 trials", weights(case, places, "scenarios"));
        if say.trials(&worst) != say.trials(&right) {
            head += &format!(", at worst in {} ({})", say.about(&worst), say.under(&worst));
        }
        (head, format!("{condition} ({})", weights(case, places, "truths")))
    };
    let mut lay = format!("{lay_head}, {right_trials} {} it", words::verb_of(&say.trials(&right), "selects", "select"));
    if !is_one && say.trials(&worst) != say.trials(&right) {
        lay += &format!(", at worst {}", say.about(&worst));
    }
    lay.push('.');
    let mut said = Vec::new();
    let mut lay_parts: Vec<(String, Quantity, String)> = Vec::new();
    for (quantity, first, later) in ENDS {
        let mean = case.at_mean(reference, Class::Mtd, quantity)?;
        if !occurs(&mean) {
            continue;
        }
        let highest = case.at_extreme((reference, quantity), places, true, trials)?;
        let has_worst = quantity == Quantity::TooToxic && !is_one && say.trials(&highest) != say.trials(&mean);
        let what = if said.is_empty() { first } else { later };
        let mut part = format!("{what} in {}", say.about(&mean));
        if has_worst {
            part += &format!(" (at worst {}, {})", say.about(&highest), say.under(&highest));
        }
        said.push(part);
        let worst = if has_worst { format!(", at worst {}", say.about(&highest)) } else { String::new() };
        lay_parts.push((say.about(&mean), quantity, worst));
    }
    let mut text = format!("{head}.");
    if !said.is_empty() {
        text += &format!(" It selects {}.", words::parts(&said));
    }
    lay += &lay_ends(&lay_parts);
    Some(say.done(if is_one { "H2" } else { "H1" }, text, Lay::Words(lay)))
}

/// The other ends in lay words: those that spare patients first, the dangerous one last.
fn lay_ends(ends: &[(String, Quantity, String)]) -> String {
    let of = |quantity| ends.iter().find(|(_, own, _)| *own == quantity);
    let select = |printed: &str| words::verb_of(printed.trim_start_matches("about "), "selects", "select");
    let mut text = String::new();
    if let Some((printed, _, _)) = of(Quantity::OtherAcceptable) {
        text += &format!(" {} {} another acceptable dose.", words::upper(printed), select(printed));
    }
    match (of(Quantity::TooLow), of(Quantity::None)) {
        (Some((low, _, _)), Some((none, _, _))) => {
            text += &format!(" {} {} a dose that is too low, {none} none.", words::upper(low), select(low));
        }
        (Some((low, _, _)), None) => text += &format!(" {} {} a dose that is too low.", words::upper(low), select(low)),
        (None, Some((none, _, _))) => text += &format!(" {} {} none.", words::upper(none), select(none)),
        (None, None) => {}
    }
    if let Some((toxic, _, worst)) = of(Quantity::TooToxic) {
        let what = if text.contains("a dose that is") { "one" } else { "a dose" };
        text += &format!(" {} {} {what} that is too toxic{worst}.", words::upper(toxic), select(toxic));
    }
    text
}

/// H9, unless H1 or H2 has named the same scenario, or H4 tells the same of class `toxic`.
fn highest_risk(case: &Case<'_>) -> Option<Draft> {
    let say = Say::new(case);
    let reference = case.reference();
    let study = case.study;
    let has_over =
        |place: &usize| study.scenarios[*place].toxicity.iter().any(|&toxicity| study.target.place(toxicity) == Place::Over);
    let places: Vec<usize> = case.all().into_iter().filter(has_over).collect();
    let highest = case.at_extreme((reference, Quantity::TooToxic), &places, true, trials)?;
    let of_mtd = case.at_extreme((reference, Quantity::TooToxic), case.of(Class::Mtd), true, trials);
    if !occurs(&highest) || of_mtd.is_some_and(|own| own.scenarios.iter().any(|place| highest.scenarios.contains(place))) {
        return None;
    }
    let text = format!(
        "Its highest risk of selecting a dose that is too toxic is {} of 100 trials ({}).",
        say.about(&highest),
        say.under(&highest)
    );
    Some(say.done("H9", text, Lay::Absent))
}

/// How the scenarios of a class stand in a sentence on its mean: the only one by name, of more their number.
fn whole_class(say: &Say<'_, '_>, class: Class) -> String {
    match say.case.of(class) {
        [only] => say.scenarios(&[*only]),
        places => weights(say.case, places, "scenarios"),
    }
}

/// Trials of a class: of a few scenarios one by one, of more the mean and the worst; and the same without names of scenarios.
fn by_scenario(say: &Say<'_, '_>, class: Class, quantity: Quantity) -> Option<(String, String)> {
    let case = say.case;
    let reference = case.reference();
    let places = case.of(class);
    let mean = case.at_mean(reference, class, quantity)?;
    let each: Vec<At> = places.iter().filter_map(|&place| case.at(reference, place, quantity)).collect();
    if let [only] = &each[..] {
        let printed = say.about(only);
        return Some((format!("{printed} of 100 trials"), printed));
    }
    if class == Class::Toxic && each.len() <= ONE_BY_ONE {
        let printed: Vec<String> = each.iter().map(|at| format!("{} ({})", say.trials(at), say.under(at))).collect();
        return Some((format!("{} of 100 trials", words::about(&printed)), say.abouts(&each)));
    }
    let worst = case.at_extreme((reference, quantity), places, false, trials)?;
    let (mean, low) = (say.about(&mean), say.about(&worst));
    if mean == low {
        return Some((format!("{mean} of 100 trials"), mean));
    }
    let text = format!("{mean} of 100 trials, at worst in {low} ({})", say.under(&worst));
    Some((text, format!("{mean}, at worst {low}")))
}

/// H4.
fn toxic(case: &Case<'_>) -> Option<Draft> {
    let say = Say::new(case);
    let reference = case.reference();
    let places = case.of(Class::Toxic);
    let condition = if_toxic(case);
    let (trials, lay) = by_scenario(&say, Class::Toxic, Quantity::None)?;
    let mean = |quantity| Some(say.mean(&case.at_mean(reference, Class::Toxic, quantity)?));
    let mut text = format!(
        "{condition} ({}), {} rightly ends without a dose in {trials}, after {} patients and {} DLTs on average.",
        whole_class(&say, Class::Toxic),
        say.name(reference),
        mean(Quantity::Patients)?,
        mean(Quantity::Dlts)?
    );
    let others = case.at_mean(reference, Class::Toxic, Quantity::TooToxic)?;
    if occurs(&others) && places.iter().all(|&place| is_all_over(case, place)) {
        text += " In the others it selects a dose that is too toxic.";
    }
    let ends = words::verb_of(lay.trim_start_matches("about "), "rightly ends", "rightly end");
    Some(say.done("H4", text, Lay::Words(format!("{condition}, {lay} {ends} without a dose."))))
}

/// H5.
fn below(case: &Case<'_>) -> Option<Draft> {
    let say = Say::new(case);
    let places = case.of(Class::Below);
    let (trials, lay) = by_scenario(&say, Class::Below, Quantity::Right)?;
    // Where the study names another level than the highest, that one is right.
    let is_highest = |place: &usize| {
        let one = &case.study.scenarios[*place];
        one.correct.is_some_and(|level| level + 1 == one.toxicity.len())
    };
    let what = if places.iter().all(is_highest) { "the highest dose" } else { "the right dose" };
    let text =
        format!("{IF_BELOW} ({}), {} selects {what} in {trials}.", whole_class(&say, Class::Below), say.name(case.reference()));
    let select = words::verb_of(lay.trim_start_matches("about "), "selects", "select");
    let what = what.replace("the highest dose", "the highest");
    Some(say.done("H5", text, Lay::Words(format!("{IF_BELOW}, {lay} {select} {what}."))))
}

/// H6.
fn gap(case: &Case<'_>) -> Option<Draft> {
    let say = Say::new(case);
    let reference = case.reference();
    let places = case.of(Class::Gap);
    let (trials, lay) = by_scenario(&say, Class::Gap, Quantity::Right)?;
    let toxic = case.at_mean(reference, Class::Gap, Quantity::TooToxic)?;
    let what = match places {
        [only] => format!("{}, the highest dose below the jump,", words::alternatives(&say.right_doses(*only))),
        _ => "the highest dose below the jump".to_owned(),
    };
    let risk = if occurs(&toxic) { format!(" and a dose that is too toxic in {}", say.about(&toxic)) } else { String::new() };
    let text = format!("{IF_GAP} ({}), {} selects {what} in {trials}{risk}.", whole_class(&say, Class::Gap), say.name(reference));
    let select = |printed: &str| words::verb_of(printed.trim_start_matches("about "), "selects", "select").to_owned();
    let mut words = format!("{IF_GAP}, {lay} {} the highest dose below the jump.", select(&lay));
    if occurs(&toxic) {
        let printed = say.about(&toxic);
        words += &format!(" {} {} one that is too toxic.", words::upper(&printed), select(&printed));
    }
    Some(say.done("H6", text, Lay::Words(words)))
}

/// H7.
fn patients(case: &Case<'_>) -> Option<Draft> {
    let say = Say::new(case);
    let reference = case.reference();
    let (mut text, mut lay) = (String::new(), String::new());
    if !case.of(Class::Mtd).is_empty() {
        let at = |quantity| case.at_mean(reference, Class::Mtd, quantity);
        let (size, dlts, exposed) = (at(Quantity::Patients)?, at(Quantity::Dlts)?, at(Quantity::Exposed)?);
        let (size, dlts) = (say.mean(&size), say.mean(&dlts));
        let condition = if_right(&say);
        text = format!("{condition}, it treats {size} patients on average; {dlts} of them have a DLT");
        lay = format!("{condition}, {size} patients are treated on average. Of these, {dlts} have a DLT");
        if occurs(&exposed) {
            let exposed = say.mean(&exposed);
            text += &format!(" and {exposed} are treated at a dose that is too toxic");
            lay += &format!(", and {exposed} are treated at a dose that is too toxic");
        }
        text.push('.');
        lay.push('.');
        if let Some(weeks) = at(Quantity::Weeks) {
            let takes = format!(" The trial takes {} weeks.", say.mean(&weeks));
            text += &takes;
            lay += &takes;
        }
    }
    let all = case.all();
    let extreme =
        |is_highest| case.at_extreme((reference, Quantity::Patients), &all, is_highest, |known| words::one_decimal(known.value));
    let (low, high) = (extreme(false)?, extreme(true)?);
    if all.len() > 1 {
        let range = match (say.mean(&low), say.mean(&high)) {
            (low, high) if low == high => low,
            (low, high) => format!("{low} to {high}"),
        };
        if text.is_empty() {
            text = format!("Over all scenarios {} treats {range} patients on average.", say.name(reference));
            lay = format!("Over all truths, {range} patients are treated on average.");
        } else {
            text += &format!(" Over all scenarios it treats {range} patients on average.");
        }
    } else if text.is_empty() {
        text = format!("{} treats {} patients on average.", words::upper(&say.name(reference)), say.mean(&low));
        lay = format!("{} patients are treated on average.", say.mean(&low));
    }
    Some(say.done("H7", text, Lay::Words(lay)))
}

/// H8.
fn planned(case: &Case<'_>) -> Option<Draft> {
    let planned = case.study.planned_patients?;
    let say = Say::new(case);
    let reference = case.reference();
    let replicates = case.study.simulation.replicates;
    let beyond: Option<Vec<(usize, At)>> = case
        .all()
        .into_iter()
        .map(|place| {
            let known = facts::larger_than(case.summary(reference, place)?, planned, replicates);
            Some((place, At { design: reference, scenarios: vec![place], quantity: Quantity::Patients, known }))
        })
        .collect();
    let beyond = beyond?;
    let (_, most) = beyond.iter().reduce(|most, other| if other.1.known.value > most.1.known.value { other } else { most })?;
    let planned_patients = words::counted(planned, "patient");
    if most.known.value <= 0.0 {
        let text = format!("It never treats more than the planned {planned_patients}.");
        return Some(say.done("H8", text, Lay::Words(format!("Never more than the planned {planned_patients} are treated."))));
    }
    if most.known.value < SELDOM {
        return None;
    }
    let shown = trials(most.known);
    let places: Vec<usize> = beyond.iter().filter(|(_, at)| trials(at.known) == shown).map(|(place, _)| *place).collect();
    let printed = say.keep("total_patients_above_planned", &places, reference, most.known.value, shown);
    let about = words::about(&[printed]);
    let mut text =
        format!("It treats more than the planned {planned_patients} in up to {about} of 100 trials ({})", say.scenarios(&places));
    let is_exact = most.known.std_error.is_none();
    let largest = case.all().iter().filter_map(|&place| Some((facts::sizes(case.summary(reference, place)?)?.1, place))).max();
    if let Some((largest, place)) = largest.filter(|_| is_exact) {
        let printed = say.keep("total_patients_most", &[place], reference, largest as f64, largest.to_string());
        text += &format!(", and never more than {printed}");
    }
    text.push('.');
    let lay = format!("In up to {about} of 100 trials more than the planned {planned_patients} are treated.");
    Some(say.done("H8", text, Lay::Words(lay)))
}
