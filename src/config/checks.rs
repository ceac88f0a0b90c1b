//! Reads `[[check]]`: a limit on a number, or verdicts that no finding may have.

use super::known::Known;
use super::problem::{Problem, quoted};
use super::reader::Reader;
use super::source::{Sources, Span};
use super::stats::metric;
use super::{Ask, Check, Judge, Limit, Of, On};
use crate::evidence::PAIRS;
use crate::metrics::{self, Across, Formula, Metric};
use crate::result::{CheckNotes, Severity, Verdict};
use crate::tasks::Task;

/// A key that holds a limit, and what it makes of its number.
pub(super) type LimitKey = (&'static str, fn(f64) -> Limit);
pub(super) const LIMITS: [LimitKey; 6] = [
    ("min", Limit::Min),
    ("max", Limit::Max),
    ("max_abs", Limit::MaxAbs),
    ("max_growth", Limit::MaxGrowth),
    ("max_drop", Limit::MaxDrop),
    ("max_rise", Limit::MaxRise),
];
const OF: &[(&str, Of)] = &[("value", Of::Value), ("gap", Of::Gap), ("ratio", Of::Ratio), ("spread", Of::Spread)];
const ON: &[(&str, On)] = &[("base", On::Base), ("tuned", On::Tuned), ("change", On::Change)];
const JUDGE: &[(&str, Judge)] =
    &[("estimate", Judge::Estimate), ("interval", Judge::Interval), ("probability", Judge::Probability)];
const SEVERITY: &[(&str, Severity)] = &[("error", Severity::Error), ("warn", Severity::Warn)];
const VERDICTS: &[(&str, Verdict)] = &[
    ("inherited", Verdict::Inherited),
    ("amplified", Verdict::Amplified),
    ("attenuated", Verdict::Attenuated),
    ("introduced", Verdict::Introduced),
    ("eliminated", Verdict::Eliminated),
    ("absent", Verdict::Absent),
    ("worsened", Verdict::Worsened),
    ("carried_over", Verdict::CarriedOver),
    ("improved", Verdict::Improved),
    ("present", Verdict::Present),
    ("clear", Verdict::Clear),
    ("unclear", Verdict::Unclear),
    ("too_small", Verdict::TooSmall),
];

const NO_SIGN: &str = "the direction is in the key: max_drop = 0.05 allows a fall by 0.05";
const FRACTIONS: &str = "rates are fractions: 5 percentage points are 0.05";

/// One `[[check]]`, as far as it could be read; a faulty one keeps its id, so that waivers find it.
pub struct Draft {
    /// The id and its place.
    pub id: Option<(String, Span)>,
    /// Whether it limits a spread, whose waivers name an attribute.
    pub spread: bool,
    /// The limit's key and number, which a waiver's floor is held against.
    pub limit: Option<Limit>,
    /// The check.
    pub check: Option<Check>,
}

/// Reads every `[[check]]` of a text.
pub fn read(root: &Reader, known: &Known, sources: &Sources) -> Vec<Draft> {
    root.each("check", |check| draft(check, known, sources))
}

/// Reports ids that stand twice.
pub fn unique(root: &Reader, drafts: &[Draft]) {
    let ids: Vec<&(String, Span)> = drafts.iter().filter_map(|draft| draft.id.as_ref()).collect();
    for (index, (id, span)) in ids.iter().enumerate() {
        if ids[..index].iter().any(|other| &other.0 == id) {
            let problem = Problem::at(span, format!("another check is called {}", quoted(id)));
            root.report(problem.help("waivers and results name checks by id: give each its own"));
        }
    }
}

fn draft(check: &Reader, known: &Known, sources: &Sources) -> Draft {
    check.require("id", "give the check a name of its own: id = \"no-gap-grows\"");
    let id = check.text("id").map(|id| (id, check.span_of("id").clone()));
    let severity = check.choice("severity", SEVERITY);
    let ask = if check.has("verdicts") { verdicts(check, known) } else { limit(check, known) };
    let of = match &ask {
        Some(Ask::Limit { of, .. }) => Some(*of),
        Some(Ask::Verdicts { .. }) => Some(Of::Gap),
        None => None,
    };
    let slices = slices(check, known, of);
    let class = class(check, known, ask.as_ref());
    let at = sources.at(check.span());
    let name = id.as_ref().map(|id| id.0.clone());
    let limit = match &ask {
        Some(Ask::Limit { limit, .. }) => Some(*limit),
        _ => None,
    };
    let (severity, notes) = (severity.unwrap_or(Severity::Error), notes(check));
    let build = |(id, ask)| Check { id, ask, slices, class, severity, notes, at };
    Draft { id, spread: of == Some(Of::Spread), limit, check: name.zip(ask).map(build) }
}

/// What is said of the check beside what it asks. A review may be due on a day or on an occasion.
fn notes(check: &Reader) -> CheckNotes {
    let review_by = check.literal("review_by").map(|value| value.text());
    CheckNotes {
        hazard: check.text("hazard"),
        rationale: check.text("rationale"),
        mitigation: check.text("mitigation"),
        review_by,
    }
}

/// The class that a check of a multiclass task is about; without one the mean over classes.
fn class(check: &Reader, known: &Known, ask: Option<&Ask>) -> Option<String> {
    let class = check.literal("class").map(|class| class.text());
    let metric = match ask {
        Some(Ask::Limit { metric, .. } | Ask::Verdicts { metric: Some(metric), .. }) => metrics::find(metric),
        _ => None,
    };
    let by_class = [Some(Across::Class), Some(Across::Confused)];
    let together = metric.is_some_and(|metric| !by_class.contains(&metric.across()));
    let meanless = metric.is_some_and(|metric| !together && !metrics::has_mean(metric));
    let problem = match class.as_deref() {
        _ if known.task != Task::Multiclass => {
            class.is_some().then_some(("classes are those of a multiclass task", "leave `class` out"))
        }
        Some(_) if together => Some(("this metric counts all classes together", "leave `class` out")),
        Some("macro") if !meanless => None,
        Some("worst") if !meanless && is_value(ask) => None,
        Some("worst") => Some((
            "the worst class has a value of its own and no gap, since it may be another class in each group",
            "say of = \"value\" and on = \"base\" or \"tuned\", name the class, or `macro`",
        )),
        None | Some("macro") if meanless => {
            Some(("this metric has no mean over classes", "name a class: class = \"...\""))
        }
        _ => None,
    };
    if let Some((message, help)) = problem {
        check.report(check.at("class", message).help(help));
    }
    class.filter(|class| class != "macro")
}

/// Whether a limit is about one model's own value.
fn is_value(ask: Option<&Ask>) -> bool {
    matches!(ask, Some(Ask::Limit { of: Of::Value, on: On::Base | On::Tuned, .. }))
}

fn verdicts(check: &Reader, known: &Known) -> Option<Ask> {
    for key in LIMITS.iter().map(|limit| limit.0).chain(["of", "on", "judge"]).filter(|key| check.has(key)) {
        let problem = check.at(key, format!("{} stands beside `verdicts`", quoted(key)));
        check.report(problem.help("a check asks for verdicts or limits a number: make two checks of it"));
    }
    if !known.both() {
        check.report(
            check
                .at("verdicts", "verdicts need both models")
                .help("name the base and the tuned model, or limit a value instead"),
        );
    }
    let metric = metric_of(check, known);
    if let Some(metric) = metric.filter(|metric| !known.findings.iter().any(|id| id == metric.id)) {
        check.report(check.at("metric", format!("{} gets no findings", quoted(metric.id))).help(no_findings(metric)));
    }
    let words = check.texts("verdicts")?;
    let verdicts = words.iter().filter_map(|(word, span)| check.word(word, span, VERDICTS)).collect();
    Some(Ask::Verdicts { metric: metric.map(|metric| metric.id.into()), verdicts })
}

fn no_findings(metric: &Metric) -> &'static str {
    match metrics::has_findings(metric) {
        true => "add it to [stats] metrics",
        false => "base and tuned do not each have one; limit its value instead",
    }
}

/// The metric that a check names, which must exist and fit the data.
fn metric_of(check: &Reader, known: &Known) -> Option<&'static Metric> {
    let name = check.text("metric")?;
    let found = metric(&name, known);
    found.map_err(|problem| check.report(Problem { span: Some(check.span_of("metric").clone()), ..problem })).ok()
}

fn limit(check: &Reader, known: &Known) -> Option<Ask> {
    check.require("metric", "name what is limited: metric = \"selection_rate\"");
    let metric = metric_of(check, known);
    let of = check.choice("of", OF);
    let on = check.choice("on", ON);
    let judge = check.choice("judge", JUDGE).unwrap_or(Judge::Interval);
    let (key, number) = one_limit(check)?;
    let metric = metric?;
    let (of, on) = (of.unwrap_or(default_of(metric)), on.unwrap_or_else(|| default_on(key, metric, known)));
    let value = number(check.number(key, "finite", |_| true)?);
    fits(check, key, &Asked { metric, of, on, value }, known);
    Some(Ask::Limit { metric: metric.id.into(), of, on, limit: value, judge })
}

/// The one key that holds a limit.
fn one_limit(check: &Reader) -> Option<LimitKey> {
    let given: Vec<_> = LIMITS.into_iter().filter(|limit| check.has(limit.0)).collect();
    match given[..] {
        [limit] => return Some(limit),
        [] => {
            let help = "give one of `min`, `max`, `max_abs`, `max_growth`, `max_drop`, `max_rise`, or `verdicts`";
            check.report(Problem::at(check.span(), "this check has no limit").help(help));
        }
        [first, second, ..] => {
            let problem = check.at(second.0, format!("{} stands beside {}", quoted(second.0), quoted(first.0)));
            check.report(problem.help("a check has one limit: make two checks of it"));
        }
    }
    None
}

/// A gap where there is one; a metric over groups has one number for an attribute.
fn default_of(metric: &Metric) -> Of {
    match metric.formula {
        Formula::Attribute { .. } => Of::Spread,
        _ => Of::Gap,
    }
}

/// Growth is a change; a metric of the pair describes the change; labels are the same for both.
fn default_on(key: &str, metric: &Metric, known: &Known) -> On {
    let change = is_of_change(key) || is_paired(metric);
    match (change, known.tuned) {
        (true, _) => On::Change,
        (false, true) => On::Tuned,
        (false, false) => On::Base,
    }
}

struct Asked {
    metric: &'static Metric,
    of: Of,
    on: On,
    value: Limit,
}

/// A key that does not fit, why, and what to do.
type Misfit = (&'static str, &'static str, &'static str);

/// Reports every way in which a limit does not fit what it limits.
fn fits(check: &Reader, key: &str, asked: &Asked, known: &Known) {
    let misfits = shape(key, asked).into_iter().chain(of_metric(key, asked)).chain(models(asked, known));
    for (key, message, help) in misfits.filter_map(|(wrong, misfit)| wrong.then_some(misfit)) {
        check.report(check.at(key, message).help(help));
    }
    if let Some((message, help)) = range(asked) {
        check.report(check.at(key, message).maybe_help(help.map(String::from)));
    }
}

/// Whether the limit goes with `of` and `on`.
fn shape(key: &str, asked: &Asked) -> [(bool, Misfit); 5] {
    let Asked { metric, of, on, .. } = asked;
    let change = *on == On::Change;
    [
        (
            is_of_change(key) && !change,
            ("on", "this limit is for the change between the models", "write on = \"change\", or leave `on` out"),
        ),
        (
            key == "max_growth" && *of != Of::Gap,
            ("of", "`max_growth` limits how much a gap grows", "write of = \"gap\", or use `max_rise` or `max_drop`"),
        ),
        (
            is_of_change(key) && *of == Of::Ratio && key != "max_growth",
            ("of", "a ratio's change is itself a ratio", "use `min` and `max` with on = \"change\""),
        ),
        (
            key == "max_abs" && *of == Of::Ratio,
            ("of", "a ratio has no sign that `max_abs` could drop", "use `min` and `max`: a ratio of 1 is no gap"),
        ),
        (
            *of == Of::Spread && change && !is_paired(metric) && !matches!(metric.formula, Formula::Attribute { .. }),
            ("of", "a spread has no change", "limit the spread on \"base\" or \"tuned\", or the gap on \"change\""),
        ),
    ]
}

/// Whether the limit goes with the metric.
fn of_metric(key: &str, asked: &Asked) -> [(bool, Misfit); 4] {
    let Asked { metric, of, on, .. } = asked;
    let over_groups = matches!(metric.formula, Formula::Attribute { .. });
    let of_labels = matches!(metric.formula, Formula::Labels(_));
    [
        (
            over_groups && *of != Of::Spread,
            (
                "of",
                "this metric has one number for all groups of an attribute",
                "write of = \"spread\", or leave `of` out",
            ),
        ),
        (
            is_paired(metric) && *on != On::Change,
            ("on", "this metric describes the change between the models", "leave `on` out"),
        ),
        (
            is_paired(metric) && is_of_change(key),
            ("metric", "this metric is itself a change", "use `min`, `max` or `max_abs`"),
        ),
        (
            of_labels && *on == On::Change,
            ("on", "this metric describes the labels, which tuning does not change", "leave `on` out"),
        ),
    ]
}

/// Whether the models that the limit speaks of are there.
fn models(asked: &Asked, known: &Known) -> [(bool, Misfit); 4] {
    let Asked { of, on, .. } = asked;
    let compares = *on == On::Change;
    let between_groups = matches!(of, Of::Gap | Of::Ratio);
    [
        (!known.both() && compares, ("on", "a change needs both models", "name the base and the tuned model")),
        (*on == On::Base && !known.base, ("on", "no base is named", "name one, or write on = \"tuned\"")),
        (*on == On::Tuned && !known.tuned, ("on", "no tuned model is named", "name one, or write on = \"base\"")),
        (
            !known.both() && !compares && between_groups,
            (
                "of",
                "with one model alone only values and spreads are measured",
                "write of = \"spread\" or of = \"value\"",
            ),
        ),
    ]
}

fn is_of_change(key: &str) -> bool {
    matches!(key, "max_growth" | "max_drop" | "max_rise")
}

/// A limit beyond what the number can reach is a slip, of rates mostly percent.
fn range(asked: &Asked) -> Option<(String, Option<&'static str>)> {
    let (low, high) = asked.metric.bounds();
    let fractions = metrics::is_rate(asked.metric).then_some(FRACTIONS);
    match asked.value {
        Limit::Min(limit) | Limit::Max(limit) => bound(asked, limit, fractions),
        Limit::MaxAbs(size) | Limit::MaxGrowth(size) | Limit::MaxDrop(size) | Limit::MaxRise(size) => match size {
            size if size < 0.0 => Some(("this limit must not be negative".into(), Some(NO_SIGN))),
            size if size > high - low => Some((format!("this cannot move by more than {}", high - low), fractions)),
            _ => None,
        },
    }
}

fn bound(asked: &Asked, limit: f64, fractions: Option<&'static str>) -> Option<(String, Option<&'static str>)> {
    let (low, high) = asked.metric.bounds();
    let (least, most) = match asked.of {
        Of::Ratio if limit <= 0.0 => {
            return Some(("a ratio is above 0".into(), Some("1 is no gap; four fifths are min = 0.8")));
        }
        Of::Ratio => return None,
        Of::Value if asked.on != On::Change || is_paired(asked.metric) => (low, high),
        Of::Spread => (0.0, high - low),
        _ => (low - high, high - low),
    };
    let message = match most.is_finite() {
        true => format!("this lies between {least} and {most}, so the limit must too"),
        false => format!("this is never below {least}, so the limit must not be either"),
    };
    (!(least..=most).contains(&limit)).then_some((message, fractions))
}

fn is_paired(metric: &Metric) -> bool {
    metrics::of_pair(metric)
}

/// What the check holds for; empty for all.
fn slices(check: &Reader, known: &Known, of: Option<Of>) -> Vec<String> {
    let mut slices = Vec::new();
    for (text, span) in check.texts("slices").unwrap_or_default() {
        match scope(&text, known, of) {
            Ok(scope) if slices.contains(&scope) => {
                check.report(Problem::at(&span, format!("{} stands here twice", quoted(&text))));
            }
            Ok(scope) => slices.push(scope),
            Err(problem) => check.report(Problem { span: Some(span), ..problem }),
        }
    }
    slices
}

fn scope(text: &str, known: &Known, of: Option<Of>) -> Result<String, Problem> {
    let scope = known.scope(text).map_err(|complaint| complaint.at(&Span::new(0, 0..0)))?;
    if scope == "all" && of.is_some_and(|of| of != Of::Value) {
        return Err(Problem::general("`all` has a value, but nobody to be compared with")
            .help("write of = \"value\", or name attributes"));
    }
    if scope.starts_with(PAIRS) && of.is_some_and(|of| matches!(of, Of::Value | Of::Spread)) {
        return Err(Problem::general("pairs have gaps and their changes, and nothing else to be limited")
            .help("write of = \"gap\", or leave `of` out"));
    }
    if scope.contains('=') && of == Some(Of::Spread) {
        return Err(Problem::general("a spread is taken over all groups of an attribute")
            .help("name the attribute or cross alone"));
    }
    Ok(scope)
}
