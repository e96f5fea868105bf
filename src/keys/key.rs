//! Keys as readers ask for them: a description, and how a value of it is found. The range and the default in a description are those that
//! act, because there are no others.

use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::DeValue;

use super::description::{Description, Kind, Length, Step, Usual, Worded, Words};
use super::{Keys, Within};

/// A key whose values are found as `T`. Who asks for it gets a `U`: the value, or what the description says of an absent one. A `U` is
/// `Option<T>` where that can be nothing, and `T` where a default is always known.
#[derive(Clone, Copy)]
pub struct Key<T: 'static, U = Option<T>> {
    /// What is known of it.
    pub about: Description,
    pub(super) usual: U,
    pub(super) options: &'static [Worded<T>],
    pub(super) find: Find<T>,
}

/// How a value is checked: the table that it is in, the value, what is known of it, and what its words stand for.
pub(super) type Find<T> = fn(&Keys<'_>, &Spanned<DeValue<'_>>, &Description, &'static [Worded<T>]) -> Option<T>;

/// The value of a key that is a table of its own, and is read as one.
#[derive(Clone, Copy)]
pub enum Table {}

const fn about(name: &'static str, kind: Kind, sentence: &'static str) -> Description {
    Description {
        name,
        kind,
        from: None,
        up_to: None,
        further: "",
        forms: &[],
        usual: Usual::Absent,
        unit: "",
        group: "",
        sentence,
        since: "0.1.0",
        is_varied: true,
        step: None,
        needs: &[],
        excludes: &[],
    }
}

impl<T> Key<T> {
    const fn new(name: &'static str, kind: Kind, sentence: &'static str, find: Find<T>) -> Self {
        Self { about: about(name, kind, sentence), usual: None, options: &[], find }
    }

    /// A key with one of these words.
    #[must_use]
    pub const fn word<const N: usize>(name: &'static str, options: &'static [Worded<T>; N], sentence: &'static str) -> Self
    where
        T: Copy + Sync,
    {
        let find: Find<T> = |keys, value, about, options| keys.checked_word(value, keys.path_to(about.name), options);
        Self { options, ..Self::new(name, Kind::Word(options), sentence, find) }
    }

    /// One of the words where the key is absent.
    ///
    /// # Panics
    /// In a constant, and so at compile time: the word is none of them.
    #[must_use]
    pub const fn or_word(self, word: &'static str) -> Key<T, T>
    where
        T: Copy,
    {
        let mut place = 0;
        while !same(self.options[place].0, word) {
            place += 1;
        }
        let (options, find) = (self.options, self.find);
        Key { about: self.about.usually(Usual::Word(word)), usual: options[place].1, options, find }
    }
}

const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut place = 0;
    while place < one.len() && place < other.len() && one[place] == other[place] {
        place += 1;
    }
    place == one.len() && place == other.len()
}

impl Key<f64> {
    /// A key with a finite number.
    #[must_use]
    pub const fn number(name: &'static str, within: Within, sentence: &'static str) -> Self {
        let find: Find<f64> =
            |keys, value, about, _| keys.checked_number(value, keys.path_to(about.name), keys.number_range(about));
        Self::new(name, Kind::Number(within), sentence, find)
    }

    /// This number where the key is absent.
    ///
    /// # Panics
    /// In a constant, and so at compile time: it is out of the range.
    #[must_use]
    pub const fn or(self, usual: f64) -> Key<f64, f64> {
        assert!(matches!(self.about.kind, Kind::Number(within) if within.contains(usual)));
        let Self { about, options, find, .. } = self;
        Key { about: about.usually(Usual::Number(usual)), usual, options, find }
    }
}

impl Key<usize> {
    /// A key with a whole number.
    #[must_use]
    pub const fn whole(name: &'static str, within: RangeInclusive<usize>, sentence: &'static str) -> Self {
        let find: Find<usize> =
            |keys, value, about, _| keys.checked_whole(value, keys.path_to(about.name), &keys.whole_range(about), about.sentence);
        Self::new(name, Kind::Whole(*within.start(), *within.end()), sentence, find)
    }

    /// This number where the key is absent.
    ///
    /// # Panics
    /// In a constant, and so at compile time: it is out of the range.
    #[must_use]
    pub const fn or(self, usual: usize) -> Key<usize, usize> {
        assert!(matches!(self.about.kind, Kind::Whole(least, most) if least <= usual && usual <= most));
        let Self { about, options, find, .. } = self;
        Key { about: about.usually(Usual::Whole(usual)), usual, options, find }
    }
}

impl Key<bool> {
    /// A key with true or false.
    #[must_use]
    pub const fn flag(name: &'static str, sentence: &'static str) -> Self {
        let find: Find<bool> = |keys, value, about, _| keys.checked_flag(value, keys.path_to(about.name));
        Self::new(name, Kind::Flag, sentence, find)
    }

    /// This where the key is absent.
    #[must_use]
    pub const fn or(self, usual: bool) -> Key<bool, bool> {
        let Self { about, options, find, .. } = self;
        Key { about: about.usually(Usual::Flag(usual)), usual, options, find }
    }
}

impl Key<String> {
    /// A key with text on one line: not blank, at most 200 characters, none of them a control character. White space around it is cut
    /// off.
    #[must_use]
    pub const fn text(name: &'static str, sentence: &'static str) -> Self {
        Self::new(name, Kind::Text, sentence, |keys, value, about, _| keys.checked_text(value, keys.path_to(about.name)))
    }

    /// A key with text that names something.
    #[must_use]
    pub const fn name(name: &'static str, of: &'static str, sentence: &'static str) -> Self {
        Self::new(name, Kind::Name(of), sentence, |keys, value, about, _| keys.checked_text(value, keys.path_to(about.name)))
    }

    /// A key with the path of a file of at most so many bytes, from the folder of the TOML file: see [`Keys::file`].
    #[must_use]
    pub const fn file(name: &'static str, most_bytes: u64, sentence: &'static str) -> Self {
        let find: Find<String> = |keys, value, about, _| keys.checked_text(value, keys.path_to(about.name));
        Self::new(name, Kind::File(most_bytes), sentence, find)
    }
}

impl Key<Vec<String>> {
    /// A key with a list of texts, each of which names something.
    #[must_use]
    pub const fn names(name: &'static str, of: &'static str, sentence: &'static str) -> Self {
        Self::new(name, Kind::Names(of), sentence, |keys, value, about, _| keys.checked_texts(value, &keys.path_to(about.name)))
    }
}

impl Key<&'static str> {
    /// A key with one of these words, found as the word.
    #[must_use]
    pub const fn one_of(name: &'static str, words: &'static dyn Words, sentence: &'static str) -> Self {
        Self::new(name, Kind::Word(words), sentence, |keys, value, about, _| {
            keys.checked_listed(value, keys.path_to(about.name), about)
        })
    }
}

impl Key<Vec<&'static str>> {
    /// A key with a list of some of these words, at least one, found as the words.
    #[must_use]
    pub const fn some_of(name: &'static str, words: &'static dyn Words, sentence: &'static str) -> Self {
        Self::new(name, Kind::WordList(words), sentence, |keys, value, about, _| {
            keys.checked_word_list(value, &keys.path_to(about.name), about)
        })
    }
}

impl Key<Vec<f64>> {
    /// A key with a list of finite numbers.
    #[must_use]
    pub const fn numbers(name: &'static str, within: Within, sentence: &'static str) -> Self {
        let find: Find<Vec<f64>> = |keys, value, about, _| keys.checked_numbers(value, keys.path_to(about.name), about);
        Self::new(name, Kind::Numbers(within, None), sentence, find)
    }
}

impl Key<[f64; 2]> {
    /// A key with two finite numbers, `each` saying in a few words what they are, e.g. `end of the range`.
    #[must_use]
    pub const fn pair(name: &'static str, within: Within, each: &'static str, sentence: &'static str) -> Self {
        let find: Find<[f64; 2]> =
            |keys, value, about, _| keys.checked_numbers(value, keys.path_to(about.name), about)?.try_into().ok();
        Self::new(name, Kind::Numbers(within, Some(Length { fixed: Some(2), of: "", each })), sentence, find)
    }

    /// These numbers where the key is absent.
    #[must_use]
    pub const fn or(self, usual: [f64; 2]) -> Key<[f64; 2], [f64; 2]> {
        let Self { about, options, find, .. } = self;
        Key { about: about.usually(Usual::Pair(usual)), usual, options, find }
    }
}

impl Key<Vec<Vec<f64>>> {
    /// A key with a list of lists of finite numbers.
    #[must_use]
    pub const fn rows(name: &'static str, within: Within, sentence: &'static str) -> Self {
        let find: Find<Vec<Vec<f64>>> = |keys, value, about, _| keys.checked_rows(value, &keys.path_to(about.name), about);
        Self::new(name, Kind::Rows(within, None), sentence, find)
    }
}

impl Key<Vec<usize>> {
    /// A key with a list of whole numbers.
    #[must_use]
    pub const fn wholes(name: &'static str, within: RangeInclusive<usize>, sentence: &'static str) -> Self {
        let find: Find<Vec<usize>> =
            |keys, value, about, _| keys.checked_wholes(value, &keys.path_to(about.name), &keys.whole_range(about));
        Self::new(name, Kind::Wholes(*within.start(), *within.end()), sentence, find)
    }
}

impl Key<Vec<(usize, usize)>> {
    /// A key with a table of whole numbers by whole numbers, e.g. `{ "1" = 6 }`, found in the order of the keys.
    #[must_use]
    pub const fn by_whole(
        name: &'static str,
        keys: RangeInclusive<usize>,
        values: RangeInclusive<usize>,
        sentence: &'static str,
    ) -> Self {
        let kind = Kind::ByWhole((*keys.start(), *keys.end()), (*values.start(), *values.end()));
        let find: Find<Vec<(usize, usize)>> =
            |keys, value, about, _| keys.checked_by_whole(value, &keys.path_to(about.name), about);
        Self::new(name, kind, sentence, find)
    }
}

impl Key<Table> {
    /// A key with a table of these keys: see [`Keys::table`].
    #[must_use]
    pub const fn table(name: &'static str, fields: &'static [&'static Description], sentence: &'static str) -> Self {
        Self::new(name, Kind::Table(fields), sentence, |_, _, _, _| None)
    }

    /// A key with at most so many blocks of these keys: see [`Keys::tables`].
    #[must_use]
    pub const fn blocks(
        name: &'static str,
        most: usize,
        fields: &'static [&'static Description],
        sentence: &'static str,
    ) -> Self {
        Self::new(name, Kind::Blocks(most, fields), sentence, |_, _, _, _| None)
    }

    /// A key with a table whose keys the text decides, its entries being `of` a kind, some of them tables of their own: see
    /// [`Keys::entries`].
    #[must_use]
    pub const fn entries(
        name: &'static str,
        of: &'static str,
        fields: &'static [&'static Description],
        sentence: &'static str,
    ) -> Self {
        Self::new(name, Kind::Entries(of, fields), sentence, |_, _, _, _| None)
    }
}

impl Description {
    const fn usually(self, usual: Usual) -> Self {
        Self { usual, ..self }
    }
}

impl<T, U: Clone> Key<T, U> {
    /// What holds where the key is absent.
    pub fn usual(&self) -> U {
        self.usual.clone()
    }
}

/// What more is known of a key.
impl<T, U> Key<T, U> {
    /// It must be there.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.about.usual = Usual::Required;
        self
    }

    /// Where it is absent its reader derives a value, in words: `0.6 target`.
    #[must_use]
    pub const fn or_derived(mut self, words: &'static str) -> Self {
        self.about.usual = Usual::Derived(words);
        self
    }

    /// The range begins with a quantity that the reader knows: see [`Keys::know`].
    #[must_use]
    pub const fn from(mut self, quantity: &'static str) -> Self {
        self.about.from = Some(quantity);
        self
    }

    /// The range ends with a quantity that the reader knows: see [`Keys::know`].
    #[must_use]
    pub const fn up_to(mut self, quantity: &'static str) -> Self {
        self.about.up_to = Some(quantity);
        self
    }

    /// The list has as many numbers as this quantity that the reader knows says, one for each of what `each` says.
    #[must_use]
    pub const fn one_for_each(mut self, each: &'static str, quantity: &'static str) -> Self {
        let length = Some(Length { fixed: None, of: quantity, each });
        self.about.kind = match self.about.kind {
            Kind::Numbers(within, _) => Kind::Numbers(within, length),
            Kind::Rows(within, _) => Kind::Rows(within, length),
            kind => kind,
        };
        self
    }

    /// What a value must be beside, in words: its reader sees to it.
    #[must_use]
    pub const fn further(mut self, words: &'static str) -> Self {
        self.about.further = words;
        self
    }

    /// Other forms that the value may have: keys of the same name.
    #[must_use]
    pub const fn forms(mut self, forms: &'static [&'static Description]) -> Self {
        self.about.forms = forms;
        self
    }

    /// The unit of the value.
    #[must_use]
    pub const fn unit(mut self, unit: &'static str) -> Self {
        self.about.unit = unit;
        self
    }

    /// What it is about, shared by keys that belong together.
    #[must_use]
    pub const fn group(mut self, group: &'static str) -> Self {
        self.about.group = group;
        self
    }

    /// The first version that has it.
    #[must_use]
    pub const fn since(mut self, version: &'static str) -> Self {
        self.about.since = version;
        self
    }

    /// No variants with other values of it are looked for.
    #[must_use]
    pub const fn fixed(mut self) -> Self {
        self.about.is_varied = false;
        self
    }

    /// How its value is moved to see what depends on it.
    #[must_use]
    pub const fn moved(mut self, step: Step) -> Self {
        self.about.step = Some(step);
        self
    }

    /// One of these keys, some with a value, must be there too.
    #[must_use]
    pub const fn with(mut self, keys: &'static [&'static str]) -> Self {
        self.about.needs = keys;
        self
    }

    /// None of these keys, some with a value, may be there too.
    #[must_use]
    pub const fn without(mut self, keys: &'static [&'static str]) -> Self {
        self.about.excludes = keys;
        self
    }
}
