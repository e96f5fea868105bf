//! `dosebench keys`: the keys of a study file, or of a method.

use super::{Status, complain, print};
use clap::ValueEnum;
use dosebench::design::METHODS;
use dosebench::report::keys;

/// Arguments of `keys`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The method, as a design names it; without one, the keys of every table of a study file
    method: Option<String>,
    /// How they are written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Markdown,
    Json,
}

/// Print the keys.
pub(super) fn keys(arguments: &Arguments) -> Status {
    let format = match arguments.format {
        Format::Text => keys::Format::Text,
        Format::Markdown => keys::Format::Markdown,
        Format::Json => keys::Format::Json,
    };
    let Some(name) = &arguments.method else { return print(&keys::of_study(format)) };
    let Some(method) = METHODS.iter().find(|method| method.key == name) else {
        let known: Vec<&str> = METHODS.iter().map(|method| method.key).collect();
        complain(&format!("error: there is no method {name:?}; the methods are {}", known.join(", ")));
        return Status::Fault;
    };
    print(&keys::of_method(method, format))
}
