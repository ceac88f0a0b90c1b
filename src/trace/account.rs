//! The rule's statements about one finding, each with the interval that it was read from: what led
//! to a verdict, and what was missing for the one that the point estimates suggest.

use super::rule::{Rule, Six, Statements, Tracer};
use crate::result::{Basis, Verdict};
use crate::stats::Interval;

/// One statement about the gaps.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The statement in words.
    pub words: String,
    /// The interval that it was read from.
    pub interval: Interval,
    /// Whether the interval certifies it.
    pub holds: bool,
}

/// How a finding came to its verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// The exact verdict that the point estimates suggest.
    pub candidate: Verdict,
    /// Every statement that holds, of those that the verdict or the candidate needs.
    pub shown: Vec<Statement>,
    /// The first statement that the candidate needs and the data do not show.
    pub missing: Option<Statement>,
}

/// Accounts for a verdict; `None` where a condition has no rows.
///
/// `write` gives the words of a gap's size, `5 points`.
pub fn account(rule: Rule, basis: &Basis, verdict: Verdict, z: f64, write: &dyn Fn(f64) -> String) -> Option<Account> {
    let quad = basis.quad()?;
    let (x, y) = quad.gaps();
    let candidate = rule.truth(x, y);
    // Statements are about a positive gap: of the tuned model, or of the base where that is gone.
    let leading = if candidate == Verdict::Eliminated || y == 0.0 { x } else { y };
    let six = Tracer::new(rule, quad).six(z);
    let said = Said { rule, six: if leading < 0.0 { six.negated() } else { six }, write };
    let needed = said.needed(candidate);
    let missing = needed.iter().find(|statement| !statement.holds).cloned();
    let mut shown: Vec<Statement> = said.needed(verdict).into_iter().filter(|statement| statement.holds).collect();
    shown.extend(needed.into_iter().filter(|statement| statement.holds));
    let mut told = Vec::new();
    shown.retain(|statement| {
        !told.contains(&statement.words) && {
            told.push(statement.words.clone());
            true
        }
    });
    Some(Account { candidate, shown, missing })
}

/// The statements in words, for a positive gap.
struct Said<'a> {
    rule: Rule,
    six: Six,
    write: &'a dyn Fn(f64) -> String,
}

impl Said<'_> {
    /// What a verdict needs, as `exact` and `partial` in the rule have it.
    fn needed(&self, verdict: Verdict) -> Vec<Statement> {
        let s = self.rule.statements(&self.six);
        match verdict {
            Verdict::Absent => vec![self.base_none(), self.tuned_none()],
            Verdict::Inherited => vec![if s.base_gap { self.base_gap() } else { self.tuned_gap() }, self.same()],
            Verdict::Introduced => vec![self.tuned_gap(), self.grown(), self.mostly_new()],
            Verdict::Amplified => vec![self.base_gap(), self.tuned_gap(), self.grown(), self.partly_old()],
            Verdict::Attenuated => vec![self.base_gap(), self.tuned_gap(), self.shrunk()],
            Verdict::Eliminated => vec![self.base_gap(), self.tuned_none(), self.shrunk()],
            Verdict::Worsened => vec![self.tuned_gap(), self.grown()],
            Verdict::CarriedOver => vec![self.base_gap(), self.tuned_gap()],
            Verdict::Improved => vec![self.base_gap(), self.shrunk()],
            Verdict::Present => vec![self.tuned_gap()],
            Verdict::Clear => vec![self.tuned_none()],
            Verdict::Unclear | Verdict::TooSmall => Vec::new(),
        }
    }

    fn say(&self, words: String, interval: Interval, holds: fn(&Statements) -> bool) -> Statement {
        Statement { words, interval, holds: holds(&self.rule.statements(&self.six)) }
    }

    fn tau(&self) -> String {
        (self.write)(self.rule.tau)
    }

    fn kappa(&self) -> String {
        (self.write)(self.rule.kappa())
    }

    fn base_gap(&self) -> Statement {
        self.say(format!("the base's gap is larger than {}", self.tau()), self.six.base, |s| s.base_gap)
    }

    fn base_none(&self) -> Statement {
        self.say(format!("the base's gap is smaller than {}", self.tau()), self.six.base, |s| s.base_none)
    }

    fn tuned_gap(&self) -> Statement {
        self.say(format!("the tuned gap is larger than {}", self.tau()), self.six.tuned, |s| s.tuned_gap)
    }

    fn tuned_none(&self) -> Statement {
        self.say(format!("the tuned gap is smaller than {}", self.tau()), self.six.tuned, |s| s.tuned_none)
    }

    fn same(&self) -> Statement {
        let words = format!("the gap moved by less than {}, or by less than {} times", self.kappa(), self.rule.phi);
        self.say(words, self.six.change, |s| s.same)
    }

    fn grown(&self) -> Statement {
        let words = format!("the gap grew by more than {}, and to more than {} times", self.kappa(), self.rule.phi);
        self.say(words, self.six.change, |s| s.grown)
    }

    fn shrunk(&self) -> Statement {
        let words = format!("the gap shrank by more than {}, and to less than 1/{}", self.kappa(), self.rule.phi);
        self.say(words, self.six.change, |s| s.shrunk)
    }

    fn mostly_new(&self) -> Statement {
        let words =
            format!("the base's gap was at most {} this way, or less than 1/{} of today's", self.tau(), self.rule.psi);
        self.say(words, self.six.base, |s| s.mostly_new)
    }

    fn partly_old(&self) -> Statement {
        self.say(format!("the base had more than 1/{} of today's gap", self.rule.psi), self.six.base, |s| s.partly_old)
    }
}
