//! `dosebench explain`: the rule of a design in the words of a protocol.

use super::{Status, complain, print};
use clap::ValueEnum;
use dosebench::report::explain::explain as words;
use dosebench::study::Study;
use std::path::PathBuf;

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The study file
    study: PathBuf,
    /// The name of the design
    #[arg(long, value_name = "NAME")]
    design: String,
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Markdown,
}

/// Explain one design.
pub(super) fn explain(arguments: &Arguments) -> Status {
    let file = arguments.study.display().to_string();
    let (study, warnings) = match Study::from_path(&arguments.study) {
        Ok(read) => read,
        Err(error) => return super::fault(&error),
    };
    super::warn(&warnings, &file, &study.text);
    let Some(design) = study.designs.iter().find(|design| design.name == arguments.design) else {
        let names: Vec<String> = study.designs.iter().map(|design| format!("{:?}", design.name)).collect();
        let known = if names.is_empty() { "it has none".to_owned() } else { format!("its designs are {}", names.join(", ")) };
        complain(&format!("error: {file}: there is no design {:?}; {known}", arguments.design));
        return Status::Fault;
    };
    let page = words(&study, design);
    print(&match arguments.format {
        Format::Text => page.text(),
        Format::Markdown => page.markdown(),
    })
}
