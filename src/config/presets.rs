//! Audit files to start from, and how they are filled with what is known of models and data.
//!
//! A preset is a whole audit file, made to be read. Filling changes single lines and leaves the
//! comments between them alone.

use super::problem::clean;

/// An audit file to start from.
#[derive(Debug)]
pub struct Preset {
    /// Its name.
    pub id: &'static str,
    /// What it is for, in half a line.
    pub about: &'static str,
    /// The file.
    pub text: &'static str,
}

/// Every preset.
pub static PRESETS: &[Preset] = &[
    Preset { id: "default", about: "every setting, explained", text: include_str!("presets/default.toml") },
    Preset {
        id: "hiring",
        about: "selection for jobs: Local Law 144, Uniform Guidelines",
        text: include_str!("presets/hiring.toml"),
    },
    Preset {
        id: "lending",
        about: "credit: approvals, also at other cut-offs",
        text: include_str!("presets/lending.toml"),
    },
    Preset {
        id: "health",
        about: "finding a condition: sensitivity, section 1557",
        text: include_str!("presets/health.toml"),
    },
    Preset {
        id: "ll144",
        about: "selection for jobs in New York City: the law's tables alone",
        text: include_str!("presets/ll144.toml"),
    },
    Preset { id: "eu", about: "EU AI Act, Annex IV; strict on evidence", text: include_str!("presets/eu.toml") },
];

/// The preset of that id.
pub fn preset(id: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.id == id)
}

/// The text of an audit file that is being filled.
#[derive(Debug, Clone)]
pub struct Draft {
    lines: Vec<String>,
}

impl Draft {
    /// Starts from a preset.
    pub fn of(preset: &Preset) -> Draft {
        Draft { lines: preset.text.lines().map(String::from).collect() }
    }

    /// Puts lines in place of the one that sets `key` in `[section]`; where none does, first in the section.
    pub fn set(&mut self, section: &str, key: &str, lines: Vec<String>) {
        let Some(range) = self.section(section) else { return };
        let sets = |line: &String| {
            let bare = line.strip_prefix('#').unwrap_or(line);
            bare.split_once('=').is_some_and(|(before, _)| before.trim_end() == key)
        };
        let found = self.lines[range.clone()].iter().position(sets).map(|place| range.start + place);
        let replaced = found.map_or(range.start..range.start, |place| place..place + 1);
        self.lines.splice(replaced, lines);
    }

    /// Names these columns as the groups, and no others; the crosses follow.
    pub fn group_by(&mut self, columns: &[String]) {
        let header = |line: &String| line.starts_with("[groups.");
        let Some(first) = self.lines.iter().position(header) else { return };
        let next = |line: &String| line.starts_with('[') && !header(line);
        let after = self.lines[first..].iter().position(next).map_or(self.lines.len(), |place| first + place);
        let names: Vec<String> = columns.iter().map(|column| attribute(column)).collect();
        let table = |(name, column): (&String, &String)| {
            [format!("[groups.{}]", key(name)), format!("column = {}", quoted(column)), String::new()]
        };
        self.lines.splice(first..after, names.iter().zip(columns).flat_map(table));
        self.cross(&names);
    }

    /// Cuts a group's numbers into bins.
    pub fn bins(&mut self, column: &str, bins: &str) {
        let header = format!("[groups.{}]", key(&attribute(column)));
        if let Some(place) = self.lines.iter().position(|line| *line == header) {
            self.lines.insert(place + 2, format!("bins = {bins}"));
        }
    }

    /// The first two groups crossed, where the preset crosses any.
    fn cross(&mut self, names: &[String]) {
        let Some(place) = self.lines.iter().position(|line| line.starts_with("cross = ")) else { return };
        match names {
            [first, second, ..] => self.lines[place] = format!("cross = [{}]", quoted(&format!("{first} & {second}"))),
            _ => drop(self.lines.remove(place)),
        }
    }

    /// The lines inside a section, without its header.
    fn section(&self, name: &str) -> Option<std::ops::Range<usize>> {
        let header = format!("[{name}]");
        let start = self.lines.iter().position(|line| *line == header)? + 1;
        let end =
            self.lines[start..].iter().position(|line| line.starts_with('[')).map_or(self.lines.len(), |n| start + n);
        Some(start..end)
    }

    /// The text.
    pub fn text(&self) -> String {
        self.lines.join("\n") + "\n"
    }
}

/// A column's name as an attribute's, which has none of the signs that slices are written with.
fn attribute(column: &str) -> String {
    column.trim().replace(is_sign, "_")
}

/// What slices are written with, and what no name may hold.
fn is_sign(c: char) -> bool {
    matches!(c, '=' | '&' | '"') || clean(&c.to_string()) != c.to_string()
}

/// A key of a table, quoted where it has to be.
fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) { name.into() } else { quoted(name) }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Audit, Origin, load_text};
    use jiff::civil::date;

    fn loads(text: &str) -> Audit {
        let origin = Origin { name: "audit.toml".into(), text: text.into(), file: None };
        load_text(origin, &[], date(2026, 11, 23)).unwrap_or_else(|problems| panic!("{text}\n{problems}")).audit
    }

    /// A commented setting starts with `#` and no space; prose has a space.
    fn uncommented(text: &str) -> String {
        let line = |line: &str| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') => format!("{setting}\n"),
            _ => format!("{line}\n"),
        };
        text.lines().map(line).collect()
    }

    #[test]
    fn every_preset_loads_as_it_is_and_with_every_setting_in_force() {
        for preset in PRESETS {
            loads(preset.text);
            loads(&uncommented(preset.text));
        }
    }

    #[test]
    fn what_is_known_takes_its_place_and_comments_stay() {
        for preset in PRESETS {
            let mut draft = Draft::of(preset);
            draft.set("models.base", "path", vec!["path = \"b.onnx\"".into(), "output = \"p\"".into()]);
            draft.set("data", "positive", vec!["positive = \">50K\"".into()]);
            draft.group_by(&["age =\nmore".into(), "RAC1P".into()]);
            let audit = loads(&draft.text());
            assert_eq!(
                audit.groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(),
                ["age __more", "RAC1P"]
            );
            assert_eq!(audit.data.positive.text(), ">50K");
            assert_eq!(audit.base.map(|base| base.name), Some("b".into()));
            let comments = |text: &str| text.lines().filter(|line| line.starts_with("# ")).count();
            assert!(comments(&draft.text()) + 4 >= comments(preset.text), "{}", preset.id);
        }
    }

    #[test]
    fn a_single_group_is_not_crossed() {
        for preset in PRESETS {
            let mut draft = Draft::of(preset);
            draft.group_by(&["region".into()]);
            assert!(loads(&draft.text()).slices.cross.is_empty(), "{}", preset.id);
        }
    }
}
