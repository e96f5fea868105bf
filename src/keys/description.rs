//! What is known of a key: whatever readers, messages, variants and people have to know of it, said once.

use std::fmt;

use super::Within;
use super::words::{grouped, number_range};

/// What is known of a key of a table.
#[derive(Clone, Copy)]
pub struct Description {
    /// The key.
    pub name: &'static str,
    /// What its value is, and the range of it.
    pub kind: Kind,
    /// The quantity known to the reader, such as a number of levels or another key, from which the range begins; it is inside that of
    /// `kind`.
    pub from: Option<&'static str>,
    /// As `from`, the quantity at which the range ends.
    pub up_to: Option<&'static str>,
    /// What a value in the range must be beside, in words; empty where there is nothing.
    pub further: &'static str,
    /// Other forms that the value may have, each a description of the same key.
    pub forms: &'static [&'static Self],
    /// What holds where the key is absent.
    pub usual: Usual,
    /// The unit of the value; empty where it has none.
    pub unit: &'static str,
    /// What the key is about, shared by keys that belong together.
    pub group: &'static str,
    /// What the key says, in one sentence.
    pub sentence: &'static str,
    /// The first version that has it.
    pub since: &'static str,
    /// Whether variants of a table with other values of this key may be looked for.
    pub is_varied: bool,
    /// How its value is moved to see what depends on it.
    pub step: Option<Step>,
    /// The keys, some with a value (`model = "logistic"`), one of which must be there too.
    pub needs: &'static [&'static str],
    /// The keys, some with a value, none of which may be there too.
    pub excludes: &'static [&'static str],
}

/// What the value of a key is.
#[derive(Clone, Copy)]
pub enum Kind {
    /// A finite number.
    Number(Within),
    /// A whole number from the first to the second.
    Whole(usize, usize),
    /// true or false.
    Flag,
    /// Text on one line.
    Text,
    /// Text that names something, e.g. `a design of the study`.
    Name(&'static str),
    /// The path of a file of at most so many bytes.
    File(u64),
    /// One of these words.
    Word(&'static dyn Words),
    /// A list of finite numbers.
    Numbers(Within, Option<Length>),
    /// A list of whole numbers.
    Wholes(usize, usize),
    /// A list of lists of finite numbers.
    Rows(Within, Option<Length>),
    /// A list of texts, each of which names something.
    Names(&'static str),
    /// A list of some of these words.
    WordList(&'static dyn Words),
    /// A table of whole numbers by whole numbers that are its keys, both from the first to the second.
    ByWhole((usize, usize), (usize, usize)),
    /// A table with these keys.
    Table(&'static [&'static Description]),
    /// A table whose keys are not known beforehand: what its entries are, and the keys of those that are tables.
    Entries(&'static str, &'static [&'static Description]),
    /// At most so many blocks with these keys; where one is enough, it may also be a table.
    Blocks(usize, &'static [&'static Description]),
}

/// How many numbers there are in a list.
#[derive(Clone, Copy)]
pub struct Length {
    /// The number, where it is always the same.
    pub fixed: Option<usize>,
    /// The quantity that it is, where it is not.
    pub of: &'static str,
    /// What there is one of, e.g. `dose level`.
    pub each: &'static str,
}

/// What holds where a key is absent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Usual {
    /// The key must be there.
    Required,
    /// Nothing holds.
    Absent,
    /// This number.
    Number(f64),
    /// This whole number.
    Whole(usize),
    /// This flag.
    Flag(bool),
    /// This word.
    Word(&'static str),
    /// These two numbers.
    Pair([f64; 2]),
    /// What follows from other keys, in words.
    Derived(&'static str),
}

/// How a value is moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// Less and more by so much.
    By(f64),
    /// Divided and multiplied by a factor; in a list all together.
    Times(f64),
    /// What is missing to 1 doubled and halved; it stays at 0.5 or above.
    Tail,
    /// Probabilities in a list, on the logit scale: all of them lower and higher by the first, their spread divided and multiplied by
    /// the second.
    Logits(f64, f64),
    /// Each number of a list lower and higher by so many of the standard deviations that another key has.
    Deviations(f64, &'static str),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::By(step) => write!(f, "{step} less and {step} more"),
            Self::Times(factor) => write!(f, "divided and multiplied by {factor}"),
            Self::Tail => write!(f, "what is missing to 1 doubled and halved"),
            Self::Logits(height, spread) => write!(
                f,
                "on the logit scale, {height} lower and higher, and the spread around the target divided and multiplied by {spread}"
            ),
            Self::Deviations(deviations, of) => write!(f, "each number {deviations} `{of}` lower and higher"),
        }
    }
}

/// Words of which one is chosen, each with a sentence.
pub trait Words: Sync {
    /// All of them, in the order in which they are shown: the word and what it says, in one sentence.
    fn all(&self) -> Vec<(&'static str, &'static str)>;
}

/// A word, what it stands for, and what it says.
pub type Worded<T> = (&'static str, T, &'static str);

impl<T: Sync, const N: usize> Words for [Worded<T>; N] {
    fn all(&self) -> Vec<(&'static str, &'static str)> {
        self.iter().map(|(word, _, sentence)| (*word, *sentence)).collect()
    }
}

impl Description {
    /// What the value is, in a few words: `number`, `list of numbers or table`.
    #[must_use]
    pub fn kind_words(&self) -> String {
        let words = |form: &Self| match form.kind {
            Kind::Number(_) => "number",
            Kind::Whole(..) => "whole number",
            Kind::Flag => "true or false",
            Kind::Text | Kind::Name(_) => "text",
            Kind::File(_) => "path of a file",
            Kind::Word(_) => "word",
            Kind::Numbers(..) => "list of numbers",
            Kind::Wholes(..) => "list of whole numbers",
            Kind::Rows(..) => "list of lists of numbers",
            Kind::Names(_) => "list of texts",
            Kind::WordList(_) => "list of words",
            Kind::ByWhole(..) | Kind::Table(_) | Kind::Entries(..) => "table",
            Kind::Blocks(..) => "blocks",
        };
        self.all_forms().map(words).collect::<Vec<_>>().join(" or ")
    }

    /// The range of the value, in a few words: `above 0 and below 1`; empty for any text.
    #[must_use]
    pub fn range_words(&self) -> String {
        let ranges: Vec<String> = self.all_forms().map(Self::own_range).filter(|range| !range.is_empty()).collect();
        ranges.join("; or ")
    }

    /// What holds where the key is absent, in a few words: `required`, `absent`, `0.95`, `0.6 target`.
    #[must_use]
    pub fn usual_words(&self) -> String {
        match self.usual {
            Usual::Required => "required".to_owned(),
            Usual::Absent => "absent".to_owned(),
            Usual::Number(number) => number.to_string(),
            Usual::Whole(number) => grouped(number),
            Usual::Flag(flag) => flag.to_string(),
            Usual::Word(word) | Usual::Derived(word) => word.to_owned(),
            Usual::Pair([first, second]) => format!("[{first}, {second}]"),
        }
    }

    /// This form of the value and the others.
    pub fn all_forms(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.forms.iter().copied())
    }

    /// The words to choose from, where there are any.
    #[must_use]
    pub fn words(&self) -> Vec<(&'static str, &'static str)> {
        let words = |form: &Self| match form.kind {
            Kind::Word(words) | Kind::WordList(words) => words.all(),
            _ => Vec::new(),
        };
        self.all_forms().flat_map(words).collect()
    }

    /// The keys of the table or the blocks that the value is, or of its entries, where it can be one.
    pub fn fields(&self) -> impl Iterator<Item = &'static Self> {
        let fields = |form: &Self| match form.kind {
            Kind::Table(fields) | Kind::Blocks(_, fields) | Kind::Entries(_, fields) => fields,
            _ => &[],
        };
        self.all_forms().flat_map(fields).copied()
    }

    /// The key, and those of the table that its value can be, with their whole names: `skeleton`, `skeleton.halfwidth`.
    #[must_use]
    pub fn with_those_inside(&'static self) -> Vec<(String, &'static Self)> {
        let of = if matches!(self.kind, Kind::Entries(..)) { format!("{}.KEY", self.name) } else { self.name.to_owned() };
        let inside = self.fields().flat_map(Self::with_those_inside);
        let inside = inside.map(|(name, about)| (format!("{of}.{name}"), about));
        std::iter::once((self.name.to_owned(), self)).chain(inside).collect()
    }

    /// The range of this form.
    fn own_range(&self) -> String {
        let each = |range: String| format!("each {range}");
        let whole = |least: usize, most: usize| {
            let end = |own: usize, named: Option<&str>| named.map_or_else(|| grouped(own), str::to_owned);
            let [from, up_to] = [end(least, self.from), end(most, self.up_to)];
            if from == up_to { format!("only {from}") } else { format!("from {from} to {up_to}") }
        };
        let words = |words: &dyn Words| words.all().iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        let long = |length: Option<Length>| {
            let number = length.and_then(|length| length.fixed).map_or_else(String::new, |fixed| format!("{fixed}, "));
            let each = length.map_or_else(String::new, |length| format!(", one for each {}", length.each));
            (number, each)
        };
        let range = match self.kind {
            Kind::Number(within) => number_range(within, self.from, self.up_to),
            Kind::Whole(least, most) => whole(least, most),
            Kind::Flag => "true, false".to_owned(),
            Kind::Text => String::new(),
            Kind::Name(of) | Kind::Names(of) | Kind::Entries(of, _) => of.to_owned(),
            Kind::File(_) => "from the folder of the study".to_owned(),
            Kind::Word(all) => words(all),
            Kind::WordList(all) => format!("some of {}", words(all)),
            Kind::Numbers(within, length) | Kind::Rows(within, length) => {
                let (number, for_each) = long(length);
                format!("{number}{}{for_each}", each(number_range(within, self.from, self.up_to)))
            }
            Kind::Wholes(least, most) => each(whole(least, most)),
            Kind::ByWhole((least, most), (low, high)) => {
                format!("keys {}, values from {} to {}", whole(least, most), grouped(low), grouped(high))
            }
            Kind::Table(fields) => {
                format!("{{ {} }}", fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", "))
            }
            Kind::Blocks(most, _) => format!("at most {}", grouped(most)),
        };
        match (range.is_empty(), self.further) {
            (_, "") => range,
            (true, further) => further.to_owned(),
            (false, further) => format!("{range}; {further}"),
        }
    }
}
