//! `methods` and `keys`: what is known of the methods and of every key, for people and for programs.

use super::Desk;
use dosebench::design::METHODS;
use serde_json::Value;

#[test]
fn every_method_has_its_line() {
    let text = Desk::with(&[]).run("methods").well().stdout;
    let words: Vec<&str> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(words, METHODS.iter().map(|method| method.key).collect::<Vec<_>>());
    assert!(text.lines().zip(METHODS).all(|(line, method)| line.ends_with(method.sentence)), "{text}");
}

#[test]
fn keys_are_told_in_three_forms() {
    let desk = Desk::with(&[]);
    for method in METHODS {
        let text = desk.run(&format!("keys {} --format json", method.key)).well().stdout;
        let keys: Value = serde_json::from_str(&text).expect("JSON");
        for key in keys.as_array().expect("an array") {
            for field in ["name", "type", "range", "sentence", "unit"] {
                assert!(key[field].is_string(), "{}: {field} of {key}", method.key);
            }
            assert!(key.get("default").is_some(), "{}: {key}", method.key);
        }
        // The other forms have the same keys.
        for format in ["text", "markdown"] {
            let text = desk.run(&format!("keys {} --format {format}", method.key)).well().stdout;
            for key in keys.as_array().expect("an array") {
                let name = key["name"].as_str().expect("a name");
                let escaped = name.replace('_', "\\_");
                assert!(text.contains(name) || text.contains(&escaped), "{}: {name} in {format}", method.key);
            }
        }
    }
    let example = desk.run("keys boin --format json").well().stdout;
    let keys: Vec<Value> = serde_json::from_str(&example).expect("JSON");
    let cohorts = keys.iter().find(|key| key["name"] == "cohort_size").expect("the key");
    assert_eq!((&cohorts["type"], &cohorts["range"]), (&Value::from("whole number"), &Value::from("from 1 to 30")));
    assert_eq!((&cohorts["default"], &cohorts["unit"]), (&Value::from(3), &Value::from("patients")));

    let study = desk.run("keys").well().stdout;
    for table in ["[doses]", "[timing]", "[simulation]", "[[scenario]]", "[[design]]", "[[population]]", "[sensitivity]", "tune"]
    {
        assert!(study.contains(table), "{table}");
    }
    desk.run("keys boim").ill(2, &["there is no method \"boim\"", "boin"]);
}
