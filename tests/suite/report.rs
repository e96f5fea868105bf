//! What a run writes: data files, reports, the manifest, and that they arrive all or none.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic as the tests do")]

mod documents;
mod everywhere;
mod findings;
mod numbers;
mod printed;
mod sample;
mod word;
mod written;

use dosebench::report::{self, Format, Machine, terminal};
use expect_test::expect;
use sample::{changed, info, picture, sample, small};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The bytes of one file.
fn bytes<'f>(files: &'f [(PathBuf, Vec<u8>)], name: &str) -> &'f [u8] {
    &files.iter().find(|(path, _)| path == Path::new(name)).unwrap().1
}

/// The text of one file.
fn text(files: &[(PathBuf, Vec<u8>)], name: &str) -> String {
    String::from_utf8(bytes(files, name).to_vec()).unwrap()
}

fn rendered() -> Vec<(PathBuf, Vec<u8>)> {
    let (study, results) = sample();
    report::render(&study, &results, &info(), &[picture()], &Format::ALL)
}

#[test]
fn every_file_of_the_contract_is_there() {
    let mut names: Vec<String> = rendered().iter().map(|(path, _)| path.display().to_string()).collect();
    names.sort();
    expect![[r#"
        dlt_count.csv
        no_selection.csv
        operating_characteristics.csv
        paired_differences.csv
        plots/scenarios-01.png
        plots/scenarios-01.svg
        report.docx
        report.html
        report.md
        results.json
        sample_size.csv
        stop_reasons.csv
        tables.tex"#]]
    .assert_eq(&names.join("\n"));
}

#[test]
fn data_files_of_a_small_study() {
    let (study, results) = small();
    let files = report::render(&study, &results, &info(), &[], &Format::ALL);
    expect![[r#"
        scenario,design,engine,metric,dose_level,value,std_error
        Middle,3+3,exact,selection,0,0.08077994428969358,
        Middle,3+3,exact,selection,1,0.8077994428969358,
        Middle,3+3,exact,selection,2,0.11142061281337047,
        Middle,3+3,exact,patients,1,9.363228699551568,
        Middle,3+3,exact,patients,2,2.63677130044843,
        Middle,3+3,exact,dlts,1,2.340807174887892,
        Middle,3+3,exact,dlts,2,1.318385650224215,
        Middle,3+3,exact,total_patients,,11.999999999999998,
        Middle,3+3,exact,total_dlts,,3.659192825112107,
        Middle,3+3,exact,correct_selection,,0.8077994428969358,
        Middle,3+3,exact,acceptable_selection,,0.8077994428969358,
        Middle,3+3,exact,over_selection,,0.11142061281337047,
        Middle,3+3,exact,under_selection,,0,
        Middle,3+3,exact,share_at_mtd,,0.7802690582959642,
        Middle,3+3,exact,share_above_mtd,,0.21973094170403587,
        Middle,3+3,exact,dlt_rate,,0.30493273542600896,
        Middle,3+3,exact,dlt_rate_trial_mean,,0.2988340807174888,
        Middle,3+3,exact,poor_allocation,,0.2,
        Middle,3+3,exact,overdose_60,,0.10986547085201794,
        Middle,3+3,exact,overdose_80,,0.05493273542600897,
        Middle,3+3,exact,cohorts,,3.9999999999999996,
        Middle,3+3,exact,total_patients_q05,,6,
        Middle,3+3,exact,total_patients_q50,,12,
        Middle,3+3,exact,total_patients_q95,,30,
        Middle,CRM,monte-carlo,selection,0,0.08783783783783783,0.0020015288167025166
        Middle,CRM,monte-carlo,selection,1,0.8783783783783784,0.002311166402227982
        Middle,CRM,monte-carlo,selection,2,0.03378378378378378,0.0012775452973776374
        Middle,CRM,monte-carlo,patients,1,10.010695187165775,0.021213203435596423
        Middle,CRM,monte-carlo,patients,2,1.9893048128342243,0.021213203435596423
        Middle,CRM,monte-carlo,dlts,1,2.5026737967914436,0.007071067811865475
        Middle,CRM,monte-carlo,dlts,2,0.9946524064171122,0.007071067811865475
        Middle,CRM,monte-carlo,total_patients,,11.999999999999998,0.035355339059327376
        Middle,CRM,monte-carlo,total_dlts,,3.497326203208556,0.010606601717798212
        Middle,CRM,monte-carlo,correct_selection,,0.8783783783783784,0.002311166402227982
        Middle,CRM,monte-carlo,acceptable_selection,,0.8783783783783784,0.002311166402227982
        Middle,CRM,monte-carlo,over_selection,,0.03378378378378378,0.0012775452973776374
        Middle,CRM,monte-carlo,under_selection,,0,0
        Middle,CRM,monte-carlo,share_at_mtd,,0.8342245989304813,0.0021213203435596424
        Middle,CRM,monte-carlo,share_above_mtd,,0.1657754010695187,0.0021213203435596424
        Middle,CRM,monte-carlo,dlt_rate,,0.2914438502673797,0.0007071067811865475
        Middle,CRM,monte-carlo,dlt_rate_trial_mean,,0.2856149732620321,0.0007071067811865475
        Middle,CRM,monte-carlo,poor_allocation,,0.2,0.00282842712474619
        Middle,CRM,monte-carlo,overdose_60,,0.08288770053475936,0.00282842712474619
        Middle,CRM,monte-carlo,overdose_80,,0.04144385026737968,0.0021213203435596424
        Middle,CRM,monte-carlo,cohorts,,3.9999999999999996,0.007071067811865475
        Middle,CRM,monte-carlo,total_patients_q05,,6,0
        Middle,CRM,monte-carlo,total_patients_q50,,12,0
        Middle,CRM,monte-carlo,total_patients_q95,,30,0
    "#]]
    .assert_eq(&text(&files, "operating_characteristics.csv"));
    expect![[r#"
        scenario,design,reference,engine,metric,difference,std_error,lower,upper,dose_level
        Middle,CRM,3+3,monte-carlo,selection,0.007057893548144248,0.00240183458004302,0.0023502977712599286,0.011765489325028567,0
        Middle,CRM,3+3,monte-carlo,selection,0.07057893548144256,0.0027733996826735784,0.06514307210340235,0.07601479885948277,1
        Middle,CRM,3+3,monte-carlo,selection,-0.07763682902958668,0.001533054356853165,-0.08064161556901889,-0.07463204249015448,2
        Middle,CRM,3+3,monte-carlo,patients,0.6474664876142064,0.025455844122715707,0.5975730331336837,0.6973599420947292,1
        Middle,CRM,3+3,monte-carlo,patients,-0.6474664876142058,0.025455844122715707,-0.6973599420947285,-0.597573033133683,2
        Middle,CRM,3+3,monte-carlo,dlts,0.1618666219035516,0.00848528137423857,0.145235470410044,0.17849777339705922,1
        Middle,CRM,3+3,monte-carlo,dlts,-0.3237332438071029,0.00848528137423857,-0.34036439530061047,-0.3071020923135953,2
        Middle,CRM,3+3,monte-carlo,total_patients,0,0.04242640687119285,-0.08315575746753798,0.08315575746753798,
        Middle,CRM,3+3,monte-carlo,total_dlts,-0.16186662190355117,0.012727922061357854,-0.18681334914381256,-0.13691989466328977,
        Middle,CRM,3+3,monte-carlo,correct_selection,0.07057893548144256,0.0027733996826735784,0.06514307210340235,0.07601479885948277,
        Middle,CRM,3+3,monte-carlo,acceptable_selection,0.07057893548144256,0.0027733996826735784,0.06514307210340235,0.07601479885948277,
        Middle,CRM,3+3,monte-carlo,over_selection,-0.07763682902958668,0.001533054356853165,-0.08064161556901889,-0.07463204249015448,
        Middle,CRM,3+3,monte-carlo,under_selection,0,0,0,0,
        Middle,CRM,3+3,monte-carlo,share_at_mtd,0.05395554063451713,0.0025455844122715707,0.04896619518646485,0.05894488608256941,
        Middle,CRM,3+3,monte-carlo,share_above_mtd,-0.05395554063451716,0.0025455844122715707,-0.05894488608256944,-0.048966195186464875,
        Middle,CRM,3+3,monte-carlo,dlt_rate,-0.013488885158629282,0.000848528137423857,-0.015152000307980041,-0.011825770009278523,
        Middle,CRM,3+3,monte-carlo,dlt_rate_trial_mean,-0.01321910745545668,0.000848528137423857,-0.014882222604807439,-0.011555992306105921,
        Middle,CRM,3+3,monte-carlo,poor_allocation,0,0.003394112549695428,-0.006652460597403038,0.006652460597403038,
        Middle,CRM,3+3,monte-carlo,overdose_60,-0.02697777031725858,0.003394112549695428,-0.033630230914661614,-0.02032530971985554,
        Middle,CRM,3+3,monte-carlo,overdose_80,-0.01348888515862929,0.0025455844122715707,-0.018478230606681568,-0.00849953971057701,
        Middle,CRM,3+3,monte-carlo,cohorts,0,0.00848528137423857,-0.016631151493507596,0.016631151493507596,
        Middle,CRM,3+3,monte-carlo,total_patients_q05,0,0,0,0,
        Middle,CRM,3+3,monte-carlo,total_patients_q50,0,0,0,0,
        Middle,CRM,3+3,monte-carlo,total_patients_q95,0,0,0,0,
    "#]].assert_eq(&text(&files, "paired_differences.csv"));
    expect![[r#"
        scenario,design,patients,probability
        Middle,3+3,6,0.08077994428969358
        Middle,3+3,12,0.9192200557103064
        Middle,CRM,6,0.08783783783783783
        Middle,CRM,12,0.9121621621621622
    "#]]
    .assert_eq(&text(&files, "sample_size.csv"));
    expect![[r#"
        scenario,design,dlts,probability
        Middle,3+3,1,0.25
        Middle,3+3,2,0.75
        Middle,3+3,9,1e-20
        Middle,CRM,1,0.25
        Middle,CRM,2,0.75
        Middle,CRM,9,1e-20
    "#]]
    .assert_eq(&text(&files, "dlt_count.csv"));
    expect![[r#"
        scenario,design,reason,probability,selected,none
        Middle,3+3,too_toxic,0.08077994428969358,0,0.08077994428969358
        Middle,3+3,max_patients,0.9192200557103064,0.9192200557103064,0
        Middle,CRM,too_toxic,0.08783783783783783,0,0.08783783783783783
        Middle,CRM,max_patients,0.9121621621621622,0.9121621621621622,0
    "#]]
    .assert_eq(&text(&files, "stop_reasons.csv"));
    expect![[r#"
        scenario,design,cause,probability
        Middle,3+3,too_toxic,0.08077994428969358
        Middle,CRM,too_toxic,0.08783783783783783
    "#]]
    .assert_eq(&text(&files, "no_selection.csv"));
}

#[test]
fn the_markdown_report_of_a_small_study() {
    let (study, results) = small();
    let text = text(&report::render(&study, &results, &info(), &[], &Format::ALL), "report.md");
    let (body, _) = text.split_once("\n## Definitions").unwrap();
    expect![[r##"
        # Small

        2 designs under 1 toxicity scenario, 2 dose levels  
        dosebench 0.1.0 · study 16ba4abad35a · seed 27

        ## Findings

        > If 0.5 mg/kg is the right dose (scenario “Middle”), then of 100 trials under 3+3 about 81 select 0.5 mg/kg, about 11 a dose that is too toxic, about 8 no dose. The other design is right more often: CRM (between +7 and +8 percentage points, with between −0.19 and −0.14 DLTs and between −8.1 and −7.5 points of too toxic selections).

        - 3+3 makes the right selection in about 81 of 100 trials: less often than CRM.
        - 3+3 treats 12.0 patients on average: not to be told apart from CRM.
        - 3+3 has 3.66 DLTs on average: more than CRM.
        - 3+3 selects a dose that is too toxic in about 11 of 100 trials: more often than CRM.

        Exact, without simulation error: 3+3. Estimates from 20,000 simulated trials a scenario, with simulation error: CRM.

        ### More findings, scenario by scenario

        - Under “Middle”, the right dose, 0.5 mg/kg, is selected most often by CRM (12.0 patients on average), in about 88 of 100 trials; a dose that is too toxic is selected least often by CRM (12.0 patients on average), in about 3 of 100 trials.

        - Against 3+3, CRM selects the correct dose more often in 1 of 1 scenario (on average between +7 and +8 percentage points, at worst between +7 and +8), a dose that is too toxic less often in 1 of 1 scenario (on average between −8.1 and −7.5, at worst between −8.1 and −7.5). Patients: between −0.1 and +0.1 on average, between −0.1 and +0.1 where it adds most. DLTs: between −0.19 and −0.14 on average, between −0.19 and −0.14 where it adds most.

        ## Notices

        - The decision graph of the last design is beyond its bound: replicates were run.

        ## Scenarios

        **Toxicity scenarios**

        | Scenario | L1: 0.5 mg/kg | L2: 1.0 mg/kg | Correct selection |
        | --- | ---: | ---: | --- |
        | Middle | **0.25** | 0.50 † | L1: 0.5 mg/kg |

        \* the correct selection. † a level whose true DLT probability is above the acceptable band, 0.15 to 0.35.

        ## Designs

        **The rules of the designs: 3+3**

        | Rule | 3+3 |
        | --- | --- |
        | Method | 3+3 |
        | Cohort size | 3 |

        **The rules of the designs: CRM**

        | Rule | CRM |
        | --- | --- |
        | Method | CRM |
        | Cohort size | 3 |

        After each cohort the rules of a design other than the 3+3 are looked at in this order.

        1. while single patients climb the levels (titration), or an initial scheme is followed, nothing else is looked at until all planned patients are treated
        2. unless all planned patients are treated: the level just treated has reached its number of patients (stop\_at\_patients\_when = "reached")
        3. the lowest level is too toxic, or eliminated: stop without a dose
        4. the method declares the level just treated to be the MTD, and it has min\_patients\_selected patients: stop and select it
        5. all planned patients are treated: stop and select
        6. the method's recommendation, limited to levels that are not eliminated, by no skipping upwards, no skipping downwards and coherence, in this order: the next level
        7. the other stopping rules, looked at with that next level

        ## Pathways of the first cohorts

        **The first cohort, the last with up to 3 DLTs**

        *3+3*

        | DLTs so far | Next cohort | 0 | 1 | 2 | 3 | Agree | Comment |
        | --- | --- | --- | --- | --- | --- | --- | --- |
        | none | 3 at L1 | stop: none | stop: none | stop: none | stop: none |  |  |

        *CRM*

        | DLTs so far | Next cohort | 0 | 1 | 2 | 3 | Agree | Comment |
        | --- | --- | --- | --- | --- | --- | --- | --- |
        | none | 3 at L1 | stop: none | stop: none | stop: none | stop: none |  |  |

        “3 at L2”: the next cohort is three patients at level 2; “stop: L2”: the trial ends and level 2 is selected. A dash: the cohort cannot bring this. \`dosebench paths\` lists the pathways of more cohorts. “Agree” and “Comment” are for the clinicians of the trial, to be filled in on paper.

        ## Operating characteristics

        **Operating characteristics by scenario**

        *Middle (correct: L1: 0.5 mg/kg)*

        | Design | Engine | None | L1: 0.5 mg/kg | L2: 1.0 mg/kg | Correct: % | Acceptable: % | Too toxic: % | Patients: mean | DLTs: mean | DLT rate: % |
        | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
        | True DLT probability |  |  | **0.25** | 0.50 † |  |  |  |  |  |  |
        | 3+3 | exact | 8.1 | **80.8** | 11.1 | 80.8 | 80.8 | 11.1 | 12.0 | 3.66 | 30.5 |
        | CRM | monte-carlo | 9 ± 0.20 | **88 ± 0.23** | 3.4 ± 0.13 | 88 ± 0.23 | 88 ± 0.23 | 3.4 ± 0.13 | 12.0 ± 0.035 | 3.50 ± 0.011 | 29.1 ± 0.071 |

        Of 100 trials like this. 3+3: about 81 select 0.5 mg/kg, about 11 a dose that is too toxic, about 8 no dose. CRM: about 88 select 0.5 mg/kg, about 3 a dose that is too toxic, about 9 no dose.

        \* the correct selection. † a level whose true DLT probability is above the acceptable band, 0.15 to 0.35.

        Largest standard error of a percentage: 0.23 percentage points.

        ## Safety

        **Safety and allocation by scenario**

        *Middle (correct: L1: 0.5 mg/kg)*

        | Design | Engine | DLTs: mean | DLT rate: %, ratio of means | DLT rate: %, mean of trials | Too toxic selected: % | Patients above correct: % | Over 60 % above correct: % of trials | Over 80 % above correct: % of trials | Poor allocation: % of trials |
        | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
        | 3+3 | exact | 3.66 | 30.5 | 29.9 | 11.1 | 22.0 | 11.0 | 5.5 | 20.0 |
        | CRM | monte-carlo | 3.50 ± 0.011 | 29.1 ± 0.071 | 28.6 ± 0.071 | 3.4 ± 0.13 | 17 ± 0.21 | 8 ± 0.28 | 4 ± 0.21 | 20 ± 0.28 |

        Above correct: at a level above the correct one; every level is, where no dose is correct. Poor allocation: fewer patients at the correct level than an equal share of the trial's patients.

        Largest standard error of a percentage: 0.28 percentage points.

        **Number of DLTs in a trial by scenario**

        *Middle (correct: L1: 0.5 mg/kg)*

        | Design | Engine | ≥ 1 | ≥ 2 |
        | --- | --- | ---: | ---: |
        | 3+3 | exact | 100.0 | 75.0 |
        | CRM | monte-carlo | 100.0 ± ≤ 0.0050 | 75 ± 0.31 |

        Largest standard error of a percentage: 0.31 percentage points.

        **Patients per dose level**

        *Middle (correct: L1: 0.5 mg/kg)*

        | Design | Engine | L1: 0.5 mg/kg | L2: 1.0 mg/kg | At correct: % | Above correct: % |
        | --- | --- | ---: | ---: | ---: | ---: |
        | True DLT probability |  | **0.25** | 0.50 † |  |  |
        | 3+3 | exact | **9.4** | 2.6 | 78.0 | 22.0 |
        | CRM | monte-carlo | **10.0 ± 0.021** | 2.0 ± 0.021 | 83 ± 0.21 | 17 ± 0.21 |

        \* the correct selection. † a level whose true DLT probability is above the acceptable band, 0.15 to 0.35.

        Largest standard error of a percentage: 0.21 percentage points.

        ## Size and length

        **Size and length of the trial by scenario**

        *Middle (correct: L1: 0.5 mg/kg)*

        | Design | Engine | Mean | 5 %: quantile | Median | 95 %: quantile | Cohorts: mean |
        | --- | --- | ---: | ---: | ---: | ---: | ---: |
        | 3+3 | exact | 12.0 | 6 | 12 | 30 | 4.0 |
        | CRM | monte-carlo | 12.0 ± 0.035 | 6 ± 0 | 12 ± 0 | 30 ± 0 | 4.0 ± 0.0071 |

        ## Why trials end

        **Why trials end, by scenario**

        *Middle*

        | Design | Lowest level too toxic: % of trials | All patients treated: % of trials |
        | --- | ---: | ---: |
        | 3+3 | 8.1 | 91.9 |
        | CRM | 9 ± 0.20 | 91 ± 0.20 |

        A dash: no trial of the design ends so.

        Largest standard error of a percentage: 0.20 percentage points.

        ## Differences from the first design

        **Differences from 3+3 by scenario**

        *Middle*

        | Design | Engine | Correct: points | Acceptable: points | Too toxic: points | Patients: mean | DLTs: mean | DLT rate: points |
        | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |
        | CRM | monte-carlo | +7 (+7 to +8) | +7 (+7 to +8) | −7.8 (−8.1 to −7.5) | 0.0 (−0.1 to +0.1) | −0.16 (−0.19 to −0.14) | −1.3 (−1.5 to −1.2) |

        Design minus 3+3. In brackets the 95 % interval, where simulated.

        Simulated differences compare both designs on the same patients. An interval that contains 0: this run cannot tell the two apart.

        Largest standard error of a percentage: 0.28 percentage points.

        ## Robustness over the scenarios

        **Every design over all scenarios**

        | Design | Correct selection, %: Mean | Correct selection, %: Worst | Too toxic selected, %: Mean | Too toxic selected, %: Worst | Patients, mean number: Mean | Patients, mean number: Worst | DLTs, mean number: Mean | DLTs, mean number: Worst |
        | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
        | 3+3 | 80.8 | 80.8 | 11.1 | 11.1 | 12.0 | 12.0 | 3.66 | 3.66 |
        | CRM | 88 ± ≤ 0.23 | 88 ± 0.23 | 3.4 ± ≤ 0.13 | 3.4 ± 0.13 | 12.0 ± ≤ 0.035 | 12.0 ± 0.035 | 3.50 ± ≤ 0.011 | 3.50 ± 0.011 |

        Mean over the scenarios with equal weights; worst: the lowest correct selection, the highest of the others.

        Largest standard error of a percentage: 0.23 percentage points.

        **What each design changes against 3+3**

        | Design | Correct selection, %: Mean | Correct selection, %: Worst | Too toxic selected, %: Mean | Too toxic selected, %: Worst | Patients, mean number: Mean | Patients, mean number: Worst | DLTs, mean number: Mean | DLTs, mean number: Worst |
        | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
        | CRM | +7 ± ≤ 0.28 | +7 ± 0.28 | −7.8 ± ≤ 0.15 | −7.8 ± 0.15 | 0.0 ± ≤ 0.042 | 0.0 ± 0.042 | −0.16 ± ≤ 0.013 | −0.16 ± 0.013 |

        Design minus the first one, percentages in points. Mean over the scenarios with equal weights; worst: the largest loss of correct selection, the largest gain of the others.

        Largest standard error of a percentage: 0.28 percentage points.

        ## Agreement of the two engines

        **Agreement of replicates with exact results**

        *Middle*

        | Design | Replicates | Chi-square | Degrees of freedom | p-value |
        | --- | ---: | ---: | ---: | ---: |
        | 3+3 | 20,000 | 41.2 | 40 | 0.415 |

        Replicates against exact probabilities over pooled outcomes. One p-value in twenty is below 0.05 by chance alone.
    "##]].assert_eq(body);
}

#[test]
fn the_summary_on_a_terminal() {
    let (study, results) = small();
    expect![[r#"
        Small
        2 designs under 1 toxicity scenario, 2 dose levels
                              level selected, %
        Design                none     L1     L2  correct  too toxic     N  DLTs
                                      0.5    1.0        %          %  mean  mean
        ────────────────────────────────────────────────────────────────────────
        Middle (correct: L1: 0.5 mg/kg)
        True DLT probability        0.25*  0.50†
        3+3                    8.1  80.8*  11.1†     80.8       11.1  12.0  3.66
        CRM                    9    88*     3.4†     88          3.4  12.0  3.50

        * the correct selection. † a level whose true DLT probability is above the acceptable band, 0.15 to
        0.35. Doses in mg/kg.
        Largest standard error of a percentage: 0.23 percentage points.
        Exact, without simulation error: 3+3. Estimates from 20,000 simulated trials a scenario, with
        simulation error: CRM.
        The decision graph of the last design is beyond its bound: replicates were run.
    "#]]
    .assert_eq(&terminal::summary(&study, &results));
}

#[test]
fn a_terminal_line_has_at_most_100_columns() {
    let (study, results) = sample();
    let study = changed(study, |study| {
        study.name = "A long name ".repeat(20);
        study.designs[0].name = "x".repeat(300);
        study.scenarios[0].name = "y".repeat(300);
    });
    let text = terminal::summary(&study, &results);
    assert!(text.lines().all(|line| line.chars().count() <= terminal::WIDTH), "{text}");

    let (wide, results) = sample::with_levels(12);
    let text = terminal::summary(&wide, &results);
    assert!(text.lines().all(|line| line.chars().count() <= terminal::WIDTH), "{text}");
    for heading in ["L1", "L12", "too toxic", "DLTs"] {
        assert!(text.contains(heading), "{heading} is missing in\n{text}");
    }
}

#[test]
fn names_cannot_break_out_of_a_report() {
    let (study, mut results) = sample();
    let hostile = "<script>alert(1)</script> | \"*x*\" & `y`\u{1b}[31m";
    let study = changed(study, |study| {
        study.name = hostile.to_owned();
        study.designs[0].name = hostile.to_owned();
        study.scenarios[0].name = hostile.to_owned();
        study.doses.unit = hostile.to_owned();
        study.text = format!("# {hostile}\n```\n</code></pre>\n");
    });
    results.notices.push(hostile.to_owned());
    let mut picture = picture();
    picture.title = hostile.to_owned();
    picture.caption = hostile.to_owned();
    picture.alt = hostile.to_owned();
    let info = report::RunInfo { study_file: hostile.to_owned(), command: hostile.to_owned() };
    let files = report::render(&study, &results, &info, &[picture], &Format::ALL);
    let html = text(&files, "report.html");
    assert!(!html.contains("<script>alert"), "the name is markup");
    assert_eq!(html.matches("<script>").count(), 1, "the page has one script, its own");
    assert!(!html.contains("\"*x*\""), "a quote would end an attribute");
    let markdown = text(&files, "report.md");
    let (prose, source) = markdown.split_once("````toml").unwrap();
    assert!(!prose.contains("<script>"));
    assert!(source.contains("\n````\n"), "the fence is longer than what the study holds");
    assert!(!terminal::summary(&study, &results).contains('\u{1b}'));
}

#[test]
fn the_same_results_give_the_same_bytes() {
    assert_eq!(rendered(), rendered());
}

#[test]
fn the_page_needs_no_network() {
    let html = text(&rendered(), "report.html");
    for needle in ["http://", "https://", "src=\"", "<link", "@import"] {
        let outside = html.replace("http://www.w3.org/2000/svg", "");
        assert!(!outside.contains(needle), "{needle}");
    }
    assert!(!html.contains("<?xml"), "an SVG's prolog must not stand inside a page");
    assert_eq!(html.matches("url(data:font/woff2;base64,").count(), 2);
}

#[test]
fn tables_of_the_page_are_accessible() {
    let html = text(&rendered(), "report.html");
    assert_eq!(html.matches("<table").count(), html.matches("<caption").count());
    for heading in html.split("<th").skip(1).filter(|rest| !rest.starts_with("ead")) {
        assert!(heading.trim_start().starts_with("scope="), "{}", heading.chars().take(60).collect::<String>());
    }
    let mut ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id occurs twice");
    for target in html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(ids.contains(&target), "#{target} leads nowhere");
    }
}

#[test]
fn reports_name_no_machine_and_no_time() {
    let (study, results) = sample();
    let files = report::render(&study, &results, &info(), &[picture()], &Format::ALL);
    let machine = Machine { threads: 1787, steps: vec![("compile", Duration::from_millis(4321))] };
    let manifest = String::from_utf8(report::manifest(&study, &info(), &machine, &files)).unwrap();
    let value: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(value["machine"]["threads"], 1787);
    assert_eq!(value["wall_seconds"][0]["step"], "compile");
    assert_eq!(value["wall_seconds"][0]["seconds"], 4.321);
    assert_eq!(value["seed"], study.simulation.seed);
    assert_eq!(value["outputs"].as_array().unwrap().len(), files.len());
    // sha256sum of the same text.
    assert_eq!(value["study"]["sha256"], "57423ad4e1dc168d598b348b8ce0184a18547a363395474806c28abd4f760f61");
    let processor = value["machine"]["processor"].as_str().unwrap();
    for (path, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains(processor), "{}", path.display());
    }
}

#[test]
fn only_the_table_model_rounds() {
    let mut folders = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/report"))];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                // Figures place ink, and colours are mixed from bytes: neither is a result.
                if !matches!(name.as_str(), "figure" | "paint" | "font") {
                    folders.push(path);
                }
            } else if name.ends_with(".rs") && !matches!(name.as_str(), "table.rs" | "palette.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let rounds = text.split('{').skip(1).any(|rest| rest.split('}').next().is_some_and(|spec| spec.contains(":.")));
                assert!(!rounds && !text.contains(".round()"), "{} rounds", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 10);
}
