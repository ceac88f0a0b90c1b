//! A JSON text as the same tree that TOML becomes, for programs that write audit files.
//!
//! Small and strict, since every value must know its place: text, numbers and escapes are read by
//! `serde_json`, and what is here finds where they start and end.

use super::document::{Entry, Node, Table, Value};
use super::problem::{Problem, quoted};
use super::source::Span;

/// Lists and tables inside each other at most, as in TOML's parser.
const DEEPEST: usize = 80;

/// Parses one source; JSON's first mistake is the only one that can be told.
pub fn parse(source: usize, text: &str) -> (Table, Vec<Problem>) {
    let mut reader = Json { source, text, at: 0, problems: Vec::new() };
    match reader.document() {
        Ok(table) => (table, reader.problems),
        Err(problem) => (Table::default(), [reader.problems, vec![problem]].concat()),
    }
}

struct Json<'a> {
    source: usize,
    text: &'a str,
    at: usize,
    problems: Vec<Problem>,
}

impl Json<'_> {
    fn document(&mut self) -> Result<Table, Problem> {
        let node = self.value(0)?;
        match (node.value, self.peek()) {
            (Value::Table(table), None) => Ok(table),
            (Value::Table(_), Some(_)) => Err(self.broken("something follows the end")),
            _ => Err(Problem::at(&node.span, "an audit file is one object: { \"schema\": 1, ... }")),
        }
    }

    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        self.text.as_bytes().get(self.at).copied()
    }

    fn broken(&self, why: &str) -> Problem {
        let end = self.text[self.at..].chars().next().map_or(self.at, |next| self.at + next.len_utf8());
        Problem::at(&Span::new(self.source, self.at..end), format!("this is not JSON: {why}"))
    }

    fn value(&mut self, depth: usize) -> Result<Node, Problem> {
        let start = self.peek();
        let from = self.at;
        let value = match start {
            _ if depth > DEEPEST => return Err(self.broken("too many lists and objects inside each other")),
            Some(b'{') => Value::Table(self.table(depth)?),
            Some(b'[') => Value::List(self.list(depth)?),
            Some(b'"') => Value::Text(self.string()?),
            Some(_) => self.word()?,
            None => return Err(self.broken("it ends too early")),
        };
        Ok(Node { span: Span::new(self.source, from..self.at), value })
    }

    /// Items between the bracket here and `close`, parted by commas.
    fn items(&mut self, close: u8, mut item: impl FnMut(&mut Self) -> Result<(), Problem>) -> Result<(), Problem> {
        self.at += 1;
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(());
        }
        loop {
            item(self)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(byte) if byte == close => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.broken(&format!("`,` or `{}` is wanted here", char::from(close)))),
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Problem> {
        let mut nodes = Vec::new();
        self.items(b']', |json| json.value(depth + 1).map(|node| nodes.push(node)))?;
        Ok(nodes)
    }

    fn table(&mut self, depth: usize) -> Result<Table, Problem> {
        let mut table = Table::default();
        self.items(b'}', |json| {
            let entry = json.entry(depth)?;
            if table.get(&entry.key).is_some() {
                let problem = Problem::at(&entry.key_span, format!("the key {} stands here twice", quoted(&entry.key)));
                json.problems.push(problem.help("keep one of the two"));
            }
            table.entries.push(entry);
            Ok(())
        })?;
        Ok(table)
    }

    fn entry(&mut self, depth: usize) -> Result<Entry, Problem> {
        if self.peek() != Some(b'"') {
            return Err(self.broken("a key in double quotes is wanted here"));
        }
        let start = self.at;
        let key = self.string()?;
        let key_span = Span::new(self.source, start..self.at);
        if self.peek() != Some(b':') {
            return Err(self.broken("`:` is wanted here"));
        }
        self.at += 1;
        let mut node = self.value(depth + 1)?;
        // Of a whole table, what is pointed at is its key.
        if matches!(node.value, Value::Table(_)) {
            node.span = key_span.clone();
        }
        Ok(Entry { key, key_span, node })
    }

    fn string(&mut self) -> Result<String, Problem> {
        let mut escaped = true;
        let end = self.text[self.at..].bytes().position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        });
        let end = end.map(|end| self.at + end + 1).ok_or_else(|| self.broken("this text has no end"))?;
        let text = serde_json::from_str(&self.text[self.at..end]).map_err(|_| self.broken("this text is malformed"))?;
        self.at = end;
        Ok(text)
    }

    /// A number, `true` or `false`.
    fn word(&mut self) -> Result<Value, Problem> {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| c.is_whitespace() || ",:]}\"".contains(c)).unwrap_or(rest.len());
        let value = match serde_json::from_str(&rest[..end]) {
            Ok(serde_json::Value::Bool(flag)) => Value::Boolean(flag),
            Ok(serde_json::Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Value::Integer(whole),
                (None, Some(float)) => Value::Float(float),
                (None, None) => return Err(self.broken("this number is too large")),
            },
            Ok(serde_json::Value::Null) => return Err(self.broken("nothing is null here; leave the key out")),
            _ => return Err(self.broken("a value is wanted here")),
        };
        self.at += end;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use crate::config::load::load_text;
    use crate::config::{Loaded, Origin, Problems, render};
    use jiff::civil::date;

    fn load(text: &str) -> Result<Loaded, Problems> {
        let origin = Origin { name: "audit.json".into(), text: text.into(), file: None };
        load_text(origin, &[], date(2026, 11, 23))
    }

    const SOUND: &str = r#"{
  "schema": 1, "base": "b.onnx", "tuned": "t\u00e9.onnx",
  "data": { "path": "eval.parquet", "label": "y", "positive": ">50K" },
  "groups": { "race": {}, "sex": { "unknown": [""] }, "age": { "bins": [25, 40.5] } },
  "stats": { "confidence": 9e-1 },
  "check": [ { "id": "c", "metric": "selection_rate", "max_abs": 0.1 } ],
  "waiver": [ { "check": "c", "slice": "sex=F", "reason": "r", "owner": "a", "approved_by": "b", "expires": "2026-12-31" } ]
}"#;

    #[test]
    fn json_says_what_toml_says() {
        let audit = load(SOUND).unwrap_or_else(|problems| panic!("{problems}")).audit;
        let toml = "schema = 1\nbase = \"b.onnx\"\ntuned = \"t\u{e9}.onnx\"\n[data]\npath = \"eval.parquet\"\nlabel = \"y\"\npositive = \">50K\"\n\
            [groups.race]\n[groups.sex]\nunknown = [\"\"]\n[groups.age]\nbins = [25, 40.5]\n[stats]\nconfidence = 0.9\n\
            [[check]]\nid = \"c\"\nmetric = \"selection_rate\"\nmax_abs = 0.1\n\
            [[waiver]]\ncheck = \"c\"\nslice = \"sex=F\"\nreason = \"r\"\nowner = \"a\"\napproved_by = \"b\"\nexpires = 2026-12-31\n";
        let origin = Origin { name: "audit.toml".into(), text: toml.into(), file: None };
        let mut other =
            load_text(origin, &[], date(2026, 11, 23)).unwrap_or_else(|problems| panic!("{problems}")).audit;
        assert_eq!((audit.policy.checks[0].at.line, audit.policy.waivers[0].at.line), (6, 7));
        other.policy.checks[0].at = audit.policy.checks[0].at.clone();
        other.policy.waivers[0].at = audit.policy.waivers[0].at.clone();
        assert_eq!(audit, other);
    }

    #[test]
    fn problems_point_into_the_text() {
        let shown = |text: &str| render(&load(text).expect_err(text), None);
        let unknown = shown(&SOUND.replace("\"confidence\"", "\"confidense\""));
        assert!(unknown.contains("audit.json:5:14") && unknown.contains("did you mean `confidence`?"), "{unknown}");
        let twice = shown(&SOUND.replace("\"schema\": 1", "\"base\": \"c.onnx\""));
        assert!(twice.contains("`base` stands here twice"), "{twice}");
    }

    #[test]
    fn no_text_makes_it_fall() {
        let deep = "[".repeat(100_000);
        let objects = "{\"a\":".repeat(100_000);
        for text in [
            "",
            "{",
            "[",
            "{]",
            "1",
            "null",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1,",
            "{\"a\":1,}",
            "{\"a\":1}x",
            "\"",
            "{\"\\",
            "{\"a\":\"\\u12\"}",
            "{\"a\":1e999}",
            "{\"a\":99999999999999999999}",
            "{\"a\":null}",
            "{\"a\":é}",
            "{\"a\":\"\u{202e}\n\"}",
            &deep,
            &objects,
        ] {
            assert!(load(text).is_err(), "{text}");
        }
        for end in (0..SOUND.len()).filter(|end| SOUND.is_char_boundary(*end)) {
            assert!(load(&SOUND[..end]).is_err(), "{end}");
        }
    }
}
