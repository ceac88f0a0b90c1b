//! A finding: one slice against its reference under one metric, for base and tuned on the same rows.

use super::Estimate;
use crate::stats::{Quad, Twin};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the audit says of a gap. The first six are exact; the others are what can be said short of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The base already had this gap on these same people; the tuned model's is about the same size.
    Inherited,
    /// The base had the gap, and tuning made it clearly larger.
    Amplified,
    /// Tuning made it clearly smaller, but it is still there.
    Attenuated,
    /// At least two thirds of the gap is new since the base, or it points the other way.
    Introduced,
    /// The base had it; the tuned model is below the smallest gap that counts.
    Eliminated,
    /// Neither model has a gap as large as counts.
    Absent,
    /// Clearly larger; new or grown cannot be told yet.
    Worsened,
    /// Both have it; whether its size changed cannot be told yet.
    CarriedOver,
    /// Clearly smaller; gone or not cannot be told yet.
    Improved,
    /// The tuned model has it; where it came from cannot be told yet.
    Present,
    /// The tuned model has no such gap; about the base it cannot be told.
    Clear,
    /// The data cannot say; this is not an all-clear.
    Unclear,
    /// Too few people, or no error that can be told; nothing is claimed.
    TooSmall,
}

/// A remark beside a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The change's interval leaves out 0, and the gap is larger.
    Grew,
    /// The change's interval leaves out 0, and the gap is smaller.
    Shrank,
    /// Introduced, and the base's gap pointed the other way.
    Reversed,
    /// Inherited, with an inherited share surely below one half: the same gap on other rows.
    Relearned,
    /// No gap to be seen, though the base's flow through is material: two effects cancel.
    Latent,
    /// The labels have a gap of the same sign: any accurate model would show it.
    InLabels,
    /// Enough people, and no error can be told, as where every row has the same number: nothing is claimed.
    WithoutError,
}

/// A gap (slice minus reference) with its interval, and the two values behind it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GapEstimate {
    /// Slice minus reference (for the change: tuned gap minus base gap).
    pub value: f64,
    /// Lower end at the result's confidence.
    pub low: f64,
    /// Upper end at the result's confidence.
    pub high: f64,
    /// The slice's own value (for the change: its change).
    pub slice: f64,
    /// The reference's own value (for the change: its change).
    pub reference: f64,
}

/// Posterior probability of each exact verdict (statistics.md 2.7).
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Probabilities {
    /// Neither model has a gap that counts.
    pub absent: f64,
    /// In the base, about the same size now.
    pub inherited: f64,
    /// Mostly new.
    pub introduced: f64,
    /// In the base, clearly larger now.
    pub amplified: f64,
    /// In the base, clearly smaller now.
    pub attenuated: f64,
    /// In the base, gone now.
    pub eliminated: f64,
}

/// The inherited share with its extended interval (statistics.md 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// Between 0 and 1.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The interval of a flagged finding's tuned gap that allows for its having been picked out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Adjusted {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Rows inside the metric's condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Support {
    /// In the slice (the smaller of base's and tuned's conditions).
    pub slice: u64,
    /// In the reference.
    pub reference: u64,
    /// About how many rows of the slice would settle an unsettled finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed: Option<u64>,
}

/// What every number of a finding was computed from: counts, or estimates and their errors.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Basis {
    /// Base and tuned in the slice.
    pub slice: Twin,
    /// Base and tuned in the reference.
    pub reference: Twin,
    /// Where both groups hold rows of the same units: the correlations of the slice's estimates
    /// (base, tuned) with the reference's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub between: Option<[[f64; 2]; 2]>,
}

impl Basis {
    /// Two groups that share no unit.
    pub fn new(slice: Twin, reference: Twin) -> Basis {
        Basis { slice, reference, between: None }
    }

    /// Both models in both groups; `None` where a condition has no rows.
    pub fn quad(&self) -> Option<Quad> {
        let quad = Quad::new(&self.slice, &self.reference)?;
        Some(Quad { between: self.between.unwrap_or_default(), ..quad })
    }

    /// About what `factor` times as many rows would give, for planning sizes.
    pub fn scaled(&self, factor: f64) -> Basis {
        Basis { slice: self.slice.scaled(factor), reference: self.reference.scaled(factor), ..*self }
    }

    /// The same two groups, each in the other's place.
    pub fn turned(self) -> Basis {
        let turn = |[[a, b], [c, d]]: [[f64; 2]; 2]| [[a, c], [b, d]];
        Basis { slice: self.reference, reference: self.slice, between: self.between.map(turn) }
    }

    /// The rows of slice and reference, of both models the fewer.
    pub fn rows(&self) -> [u64; 2] {
        [self.slice.support(), self.reference.support()]
    }

    /// The smaller of the two groups' supports.
    pub fn support(&self) -> u64 {
        self.slice.support().min(self.reference.support())
    }
}

/// A ratio with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RatioEstimate {
    /// The ratio; absent over zero, where the interval keeps its lower end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Lower end (MOVER-R; Donner & Zou 2012; of the change square-and-add on logarithms).
    pub low: f64,
    /// Upper end; absent: unbounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
}

/// The ratios of a finding; absent are those of 0 over 0, and a change of a ratio that is 0 or over 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ratios {
    /// The base's; of the selection rate its disparate impact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<RatioEstimate>,
    /// The tuned model's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuned: Option<RatioEstimate>,
    /// The tuned ratio over the base's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<RatioEstimate>,
}

/// A number with a bounded interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pooled {
    /// The number.
    pub value: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A gap inside strata and pooled over them (Mantel & Haenszel 1959); of the selection rate the conditional
/// statistical disparity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Conditional {
    /// Strata in which slice and reference both have rows; the others say nothing.
    pub strata: u64,
    /// The base's common difference, with Sato's (1989) variance.
    pub base: Pooled,
    /// The tuned model's.
    pub tuned: Pooled,
    /// Tuned minus base, from each row's own change; absent where every group of a stratum is one row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Pooled>,
    /// The base's common odds ratio, with the variance of Robins, Breslow & Greenland (1986); absent at 0 and
    /// over 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_odds_ratio: Option<Pooled>,
    /// The tuned model's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuned_odds_ratio: Option<Pooled>,
}

/// What another run of the same tuning says of a gap, on the same rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The run's name.
    pub name: String,
    /// Its gap; `None` when undefined or hidden.
    pub tuned: Option<GapEstimate>,
    /// Its gap minus the base's.
    pub change: Option<GapEstimate>,
    /// The strongest statement at the chosen confidence.
    pub verdict: Verdict,
    /// The counts; `None` when hidden.
    pub basis: Option<Basis>,
}

/// A finding beside the control, a model that was tuned the same way from another base.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Control {
    /// The control's own gap.
    pub gap: Estimate,
    /// The tuned gap minus the control's: what another base would have changed.
    pub effect: Estimate,
    /// What of the tuned gap runs along the base's decisions, minus the same of the control, in the unit of
    /// the gap.
    pub carried: Estimate,
    /// The inherited share minus the control's.
    pub excess: Estimate,
}

impl Control {
    /// Nothing is known, for one reason.
    pub fn undefined(reason: super::Reason) -> Control {
        let nothing = Estimate::Undefined { undefined: reason };
        Control { gap: nothing, effect: nothing, carried: nothing, excess: nothing }
    }

    /// The same with slice and reference exchanged: gaps turn round, shares do not.
    pub fn turned(self) -> Control {
        let [gap, effect, carried] = [self.gap, self.effect, self.carried].map(Estimate::negated);
        Control { gap, effect, carried, ..self }
    }
}

impl Finding {
    /// Whether there are people enough, and yet nothing is claimed: no error can be told.
    pub fn is_without_error(&self) -> bool {
        self.marks.contains(&Mark::WithoutError)
    }

    /// Whether it compares the halves of counterfactual pairs.
    pub fn is_of_pairs(&self) -> bool {
        self.slice.starts_with(crate::evidence::PAIRS)
    }

    /// Whether its slice is one of several attributes.
    pub fn is_crossed(&self) -> bool {
        crate::evidence::SliceId::parse(&self.slice).is_ok_and(|id| id.parts.len() > 1)
    }
}

/// One slice against its reference, under one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// `metric/slice`, of a class `metric/class/slice`; stable over runs.
    pub id: String,
    /// Metric id.
    pub metric: String,
    /// Of a multiclass task the class, `macro` or `worst`; absent where all classes count together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Slice id, `sex=Female`.
    pub slice: String,
    /// `rest`, or the slice compared with.
    pub reference: String,
    /// The other group of a two-group attribute, which has the same finding with the sign turned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mirror: Option<String>,
    /// The base's gap; `None` when undefined or hidden.
    pub base: Option<GapEstimate>,
    /// The tuned model's gap.
    pub tuned: Option<GapEstimate>,
    /// Tuned minus base.
    pub change: Option<GapEstimate>,
    /// The labels' own gap, beside selection metrics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<GapEstimate>,
    /// Of a rate the ratios, slice over reference, of base and tuned, and tuned over base of the two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratios: Option<Ratios>,
    /// The gap inside strata, where `[stats] control` names what they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditional: Option<Conditional>,
    /// The strongest statement at the chosen confidence.
    pub verdict: Verdict,
    /// What it would be if gaps counted from half of τ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_half: Option<Verdict>,
    /// What it would be if gaps counted from twice τ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_double: Option<Verdict>,
    /// An exact verdict that holds after correction for the number of findings.
    pub confirmed: bool,
    /// An exact verdict that does not hold after the correction.
    pub tentative: bool,
    /// Something to look at, after the correction.
    pub flagged: bool,
    /// The smallest level at which an exact verdict fires; `None` when too small or hidden.
    pub p_value: Option<f64>,
    /// The same, corrected.
    pub q_value: Option<f64>,
    /// The smallest level at which any alert fires.
    pub flag_p: Option<f64>,
    /// The same, corrected.
    pub flag_q: Option<f64>,
    /// Of a flagged finding, the tuned gap's interval at level 1 − R·(1 − confidence)/m over the R
    /// flagged of the m tested (Benjamini & Yekutieli 2005).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adjusted: Option<Adjusted>,
    /// About the smallest tuned gap that these rows would tell from τ four times in five.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detectable: Option<f64>,
    /// Remarks.
    pub marks: Vec<Mark>,
    /// Posterior probabilities of the exact verdicts.
    pub probabilities: Option<Probabilities>,
    /// How much of the tuned gap runs along the base's decisions; only where the gap is surely material.
    pub inherited_share: Option<Share>,
    /// How strongly tuned decisions follow the base's inside the groups (λ).
    pub transmission: Option<f64>,
    /// What the other runs of the same tuning say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<Run>,
    /// Beside the control, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Control>,
    /// Rows inside the condition; `None` when hidden.
    pub support: Option<Support>,
    /// The counts; `None` when hidden.
    pub basis: Option<Basis>,
    /// True when the numbers are hidden because too few people stand behind them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}
