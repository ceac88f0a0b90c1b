//! Slice ids: how a set of people is named in audit files, results and reports.
//!
//! `sex=Female`, crossed `sex=Female & race=Black`, everyone `all`. A group's name that would read
//! as something else (it holds ` & ` or `=`, say) stands in quotes: `age=">=60"`.

use std::fmt;

/// Everyone.
const ALL: &str = "all";
/// What stands between the parts of a cross.
const AND: &str = " & ";

/// A slice: groups that all hold, as (attribute, group); empty for everyone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SliceId {
    /// The parts, in the order written; attributes in declared order once resolved.
    pub parts: Vec<(String, String)>,
}

/// Why a text is no slice id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SliceIdError {
    /// A part without `=`.
    #[error("a slice reads `attribute=group`, joined by ` & ` for a cross, or `all`")]
    NoGroup,
    /// A quote that is not closed, or text after the closing one.
    #[error("the quotes around a group's name do not match up")]
    Quotes,
    /// One attribute twice.
    #[error("one attribute is named twice")]
    Twice,
}

impl SliceId {
    /// Everyone.
    pub fn all() -> Self {
        SliceId::default()
    }

    /// One group of one attribute.
    pub fn single(attribute: &str, group: &str) -> Self {
        SliceId { parts: vec![(attribute.into(), group.into())] }
    }

    /// Reads an id. A group's name may go without quotes wherever that cannot be misread.
    pub fn parse(text: &str) -> Result<Self, SliceIdError> {
        if text.trim() == ALL {
            return Ok(SliceId::all());
        }
        let mut parts: Vec<(String, String)> = Vec::new();
        let mut rest = Some(text);
        while let Some(text) = rest {
            let (attribute, value) = text.split_once('=').ok_or(SliceIdError::NoGroup)?;
            let (group, after) = group(value.trim_start())?;
            parts.push((attribute.trim().into(), group));
            rest = after;
        }
        check(parts)
    }

    /// The attributes named.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|(attribute, _)| attribute.as_str())
    }

    /// Whether this is everyone.
    pub fn is_all(&self) -> bool {
        self.parts.is_empty()
    }
}

impl fmt::Display for SliceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_all() {
            return f.write_str(ALL);
        }
        for (index, (attribute, group)) in self.parts.iter().enumerate() {
            let and = if index == 0 { "" } else { AND };
            write!(f, "{and}{attribute}={}", written(group))?;
        }
        Ok(())
    }
}

fn check(parts: Vec<(String, String)>) -> Result<SliceId, SliceIdError> {
    let repeated = |index: usize| parts[..index].iter().any(|part| part.0 == parts[index].0);
    if parts.iter().any(|part| part.0.is_empty()) {
        return Err(SliceIdError::NoGroup);
    }
    if (0..parts.len()).any(repeated) {
        return Err(SliceIdError::Twice);
    }
    Ok(SliceId { parts })
}

/// One group's name, and the text of the next part.
fn group(text: &str) -> Result<(String, Option<&str>), SliceIdError> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (group, rest) = text.split_once(AND).map_or((text, None), |(group, rest)| (group, Some(rest)));
        return if group.trim().is_empty() { Err(SliceIdError::NoGroup) } else { Ok((group.trim().into(), rest)) };
    };
    let (group, rest) = unquote(quoted).ok_or(SliceIdError::Quotes)?;
    if rest.trim().is_empty() {
        return Ok((group, None));
    }
    let next = rest.strip_prefix(AND).ok_or(SliceIdError::Quotes)?;
    Ok((group, Some(next)))
}

/// The text up to the closing quote, and what follows it.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut group = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Some((group, &text[at + 1..])),
            '\\' => group.push(chars.next()?.1),
            other => group.push(other),
        }
    }
    None
}

/// A group's name as it stands in an id.
fn written(group: &str) -> String {
    let plain = !group.is_empty() && group.trim() == group && !group.starts_with('"');
    // A name that ends in ` &` would make an AND with the space of the one that follows.
    if plain && !group.contains(AND) && !group.ends_with(AND.trim_end()) && !group.contains('=') {
        return group.into();
    }
    format!("\"{}\"", group.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_read_as_they_are_written() {
        for id in ["all", "sex=Female", "sex=Female & race=Black", "age=\">=60\"", "firm=\"A & B\" & sex=F"] {
            assert_eq!(SliceId::parse(id).unwrap().to_string(), id);
        }
        assert_eq!(SliceId::parse("age=>=60").unwrap(), SliceId::single("age", ">=60"));
        assert_eq!(SliceId::parse("firm=A&B").unwrap(), SliceId::single("firm", "A&B"));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in ["", "sex", "sex=", "=Female", "sex=F & ", "sex=\"F", "sex=\"F\"x"] {
            assert!(SliceId::parse(text).is_err(), "{text}");
        }
        assert_eq!(SliceId::parse("sex=F & sex=M"), Err(SliceIdError::Twice));
    }

    #[test]
    fn a_name_that_looks_like_a_cross_is_quoted() {
        for group in ["a &", "& b", "&", "& &", "a & b", " &"] {
            for other in ["", "b", "&", "a &"] {
                let parts = vec![("x".into(), group.into()), ("y".into(), other.into())];
                let id = SliceId { parts };
                assert_eq!(SliceId::parse(&id.to_string()), Ok(id));
            }
        }
    }

    proptest! {
        #[test]
        fn any_group_survives(groups in proptest::collection::vec(".*", 1..4)) {
            let parts = groups.into_iter().enumerate().map(|(i, group)| (format!("a{i}"), group)).collect();
            let id = SliceId { parts };
            prop_assert_eq!(SliceId::parse(&id.to_string()), Ok(id));
        }
    }
}
