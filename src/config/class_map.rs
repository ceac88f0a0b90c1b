//! Reads `map`: which classes of a model stand for which of the task's.

use super::literal;
use super::models::Question;
use super::problem::{Problem, quoted, suggest};
use super::reader::Reader;
use super::source::Span;
use crate::tasks::Task;
use std::collections::BTreeMap;

/// The task's class that each class of the model stands for. What cannot be told before the model is read, such as
/// whether it has a class of a name where `classes` does not say, is told then.
pub fn read(
    model: &Reader,
    question: &Question,
    classes: Option<&[String]>,
    own_label: bool,
) -> Option<BTreeMap<String, String>> {
    let read = |map: &Reader| {
        let target = |(name, span): (&str, &Span)| {
            if let Some(classes) = classes.filter(|classes| !classes.iter().any(|class| class == name)) {
                let problem = Problem::at(span, format!("{} is none of the model's classes", quoted(name)));
                map.report(problem.maybe_help(suggest(name, classes.iter().map(String::as_str))));
            }
            Some((name.to_string(), map.literal(name)?))
        };
        map.names().into_iter().filter_map(target).collect::<Vec<_>>()
    };
    let map = model.within("map", read)?;
    let positive = question.positive.filter(|_| question.task == Task::Binary && !own_label);
    let missing =
        positive.filter(|positive| !map.iter().any(|(_, target)| literal::is_class(positive, &target.text())));
    if map.is_empty() || missing.is_some() {
        let what = missing.map_or("a class of the task".into(), |positive| {
            format!("the positive class {}", quoted(&positive.text()))
        });
        let problem = model.at("map", format!("this map maps no class of the model to {what}"));
        model.report(problem.help("write map = { \"a class of the model\" = \"a class of the task\" }"));
    }
    Some(map.into_iter().map(|(name, target)| (name, target.text())).collect())
}
