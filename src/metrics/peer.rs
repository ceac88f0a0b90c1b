//! What other systems call the metrics, and what they call the gaps and ratios over them.
//!
//! A name of the metric itself is accepted wherever a metric is named. A name of a gap or a ratio is
//! not: it would hide which group is subtracted from which, and systems turn the sign. It is answered
//! with the metric and the `of` that give it.

use super::{Metric, all, find};
use crate::result::Of;

/// One name in another system.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peer {
    /// The system, `AIF360`.
    pub system: &'static str,
    /// Its name there; case does not count.
    pub name: &'static str,
    /// Which number over the metric it is, `Of::Value` for the metric itself; `None` for a number
    /// that is not measured here, though its name or purpose is near.
    pub is: Option<Of>,
    /// How it differs; empty where it does not.
    pub differs: &'static str,
}

impl Peer {
    /// A name of the metric itself.
    pub(super) const fn same(system: &'static str, name: &'static str, differs: &'static str) -> Peer {
        Peer { system, name, is: Some(Of::Value), differs }
    }

    /// A gap: slice minus reference.
    pub(super) const fn gap(system: &'static str, name: &'static str, differs: &'static str) -> Peer {
        Peer { system, name, is: Some(Of::Gap), differs }
    }

    /// A ratio: slice over reference.
    pub(super) const fn ratio(system: &'static str, name: &'static str, differs: &'static str) -> Peer {
        Peer { system, name, is: Some(Of::Ratio), differs }
    }

    /// Largest minus smallest group.
    pub(super) const fn spread(system: &'static str, name: &'static str, differs: &'static str) -> Peer {
        Peer { system, name, is: Some(Of::Spread), differs }
    }

    /// A near name of something that is not measured.
    pub(super) const fn other(system: &'static str, name: &'static str, differs: &'static str) -> Peer {
        Peer { system, name, is: None, differs }
    }
}

/// Names that fairlearn makes of every metric's, and Aequitas of every rate's.
const MADE: [Peer; 6] = [
    Peer::spread("fairlearn", "_difference", "largest minus smallest group; in AIF360 unprivileged minus privileged"),
    Peer::ratio("fairlearn", "_ratio", "smallest over largest group; here each group over what it is compared with"),
    Peer::ratio(
        "Aequitas",
        "_disparity",
        "at most 10 where the denominator is 0; here only the interval's lower end is a number then",
    ),
    Peer::gap("holisticai", "_diff", ""),
    Peer::same(
        "fairlearn",
        "_group_min",
        "the smallest group; a check of every group's value with `min` asks the same",
    ),
    Peer::same("fairlearn", "_group_max", "the largest group; a check of every group's value with `max` asks the same"),
];

/// What a name means that is not a metric's own: the metric it is made of, and who calls it so.
pub fn named(name: &str) -> Option<(&'static Metric, Vec<Peer>)> {
    let called = |metric: &'static Metric| {
        let peers: Vec<Peer> =
            metric.peers.iter().copied().filter(|peer| peer.name.eq_ignore_ascii_case(name)).collect();
        (!peers.is_empty()).then_some((metric, peers))
    };
    all()
        .find_map(called)
        .or_else(|| MADE.into_iter().find_map(|peer| Some((find(name.strip_suffix(peer.name)?)?, vec![peer]))))
}

/// The word of `of` in an audit file.
pub fn of_word(of: Of) -> &'static str {
    match of {
        Of::Value => "value",
        Of::Gap => "gap",
        Of::Ratio => "ratio",
        Of::Spread => "spread",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Every name with the metric it stands for; a peer's name may stand under several systems.
    #[test]
    fn every_name_stands_for_one_metric() {
        let mut owner: BTreeMap<String, &str> = BTreeMap::new();
        for metric in all() {
            let peers = metric.peers.iter().map(|peer| peer.name);
            for name in [metric.id].into_iter().chain(metric.aliases.iter().copied()).chain(peers) {
                let other = owner.insert(name.to_lowercase(), metric.id);
                assert!(other.is_none_or(|other| other == metric.id), "{name} is {other:?} and {}", metric.id);
            }
            let own: Vec<String> = metric.aliases.iter().map(|name| name.to_lowercase()).collect();
            let twice = own.iter().enumerate().find(|(at, name)| own[..*at].contains(name) || *name == metric.id);
            assert!(twice.is_none(), "{twice:?} of {} stands twice", metric.id);
            let repeated = metric.peers.iter().find(|peer| own.contains(&peer.name.to_lowercase()));
            assert!(repeated.is_none(), "{repeated:?} is an alias too");
        }
    }

    #[test]
    fn every_metric_is_documented() {
        for metric in all() {
            let told = [metric.title, metric.plain, metric.among, metric.symbols, metric.doc, metric.source];
            assert!(told.iter().all(|text| !text.trim().is_empty()), "{} lacks a text", metric.id);
            assert!(metric.peers.iter().all(|peer| peer.is.is_some() || !peer.differs.is_empty()), "{}", metric.id);
        }
    }

    #[test]
    fn names_of_the_peers_are_understood() {
        let same = |name: &str| find(name).map(|metric| metric.id);
        assert_eq!(same("GE"), Some("generalized_entropy_index"));
        assert_eq!(same("pprev"), Some("selection_rate"));
        assert_eq!(same("FOR"), Some("false_omission_rate"));
        assert_eq!(same("ppr"), None, "Aequitas' ppr is a share of all positive decisions");
        let made = |name: &str| named(name).map(|(metric, peers)| (metric.id, peers[0].is));
        for (name, metric, is) in [
            ("dppl", "selection_rate", Some(Of::Gap)),
            ("disparate_impact", "selection_rate", Some(Of::Ratio)),
            ("demographic_parity_difference", "selection_rate", Some(Of::Spread)),
            ("RD", "true_positive_rate", Some(Of::Gap)),
            ("TE", "treatment_equality", Some(Of::Gap)),
            ("ppr", "selection_rate", None),
            ("FT", "churn", None),
            ("accuracy_difference", "accuracy", Some(Of::Spread)),
            ("fpr_disparity", "false_positive_rate", Some(Of::Ratio)),
            ("accuracy_score_group_min", "accuracy", Some(Of::Value)),
            ("TVD", "base_rate", Some(Of::Gap)),
            ("ci", "base_rate", None),
        ] {
            assert_eq!(made(name), Some((metric, is)), "{name}");
        }
        assert!(named("nonsense").is_none());
    }
}
