//! Verdict checks: no finding may have one of the listed verdicts.

use crate::result::{Finding, Outcome, Verdict};

/// What can be true where a verdict is printed: the exact verdicts that it leaves open.
pub fn leaves_open(verdict: Verdict) -> &'static [Verdict] {
    use Verdict::*;
    match verdict {
        Inherited => &[Inherited],
        Amplified => &[Amplified],
        Attenuated => &[Attenuated],
        Introduced => &[Introduced],
        Eliminated => &[Eliminated],
        Absent => &[Absent],
        Worsened => &[Introduced, Amplified],
        // Both gaps are beyond τ with one sign; a tuned gap of over ψ times the base's is introduced.
        CarriedOver => &[Inherited, Amplified, Attenuated, Introduced],
        // A gap that shrank may have turned round, which is introduced the other way.
        Improved => &[Attenuated, Eliminated, Introduced],
        Present => &[Inherited, Amplified, Attenuated, Introduced],
        // The tuned gap is within ±τ; a base gap just beyond is inherited within the noise band.
        Clear => &[Absent, Eliminated, Inherited],
        Unclear | TooSmall => &[Inherited, Amplified, Attenuated, Introduced, Eliminated, Absent],
    }
}

/// Failed where a listed verdict is confirmed or flagged, met only where all listed are ruled out.
pub fn judge(finding: &Finding, listed: &[Verdict]) -> Outcome {
    if finding.verdict == Verdict::TooSmall {
        return Outcome::TooSmall;
    }
    let worse = listed.contains(&Verdict::Introduced) || listed.contains(&Verdict::Amplified);
    let named = listed.contains(&finding.verdict) || finding.verdict == Verdict::Worsened && worse;
    if named && (finding.confirmed || finding.flagged) {
        return Outcome::Failed;
    }
    let open = |verdict: &&Verdict| leaves_open(finding.verdict).contains(verdict);
    let possible = listed.iter().flat_map(|verdict| leaves_open(*verdict)).any(|verdict| open(&verdict));
    if possible { Outcome::Undecided } else { Outcome::Met }
}
