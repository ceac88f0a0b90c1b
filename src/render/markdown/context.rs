//! The tables beside the findings: embeddings, language models, and the noise of the machine.

use super::{code, escaped, shown, table};
use crate::render::view::language::{self, LanguageView, Side};
use crate::render::view::origin::noise_in_words;
use crate::render::view::representations::{self, Alike, Encoded, LeakRow};
use crate::render::view::words::Shown;
use crate::result::AuditResult;

/// Everything of it that was measured.
pub(super) fn context(text: &mut String, result: &AuditResult) {
    if let Some(found) = representations::encoded(result) {
        embeddings(text, &found);
    }
    if let Some(found) = language::language(result) {
        language_models(text, &found);
    }
    if let Some(noise) = &result.noise {
        *text += &format!("\nNumeric noise: {}\n", escaped(&noise_in_words(noise)));
    }
}

fn embeddings(text: &mut String, found: &Encoded) {
    *text += &format!("\n#### Embeddings\n\n{}\n", escaped(&found.answer));
    found.probes.iter().for_each(|probe| *text += &format!("\n- {}\n", escaped(probe)));
    let alike = |one: &Alike| {
        let numbers = [&one.cka, &one.cka_rest, &one.neighbours, &one.neighbours_rest, &one.procrustes].map(shown);
        let [cka, cka_rest, neighbours, neighbours_rest, procrustes] = numbers;
        [code(&one.slice), one.rows.clone(), cka, cka_rest, neighbours, neighbours_rest, procrustes]
    };
    let columns = ["group", "people", "CKA", "of the others", "neighbours", "of the others", "Procrustes"];
    table(text, "How alike base and tuned encode people", columns, found.alike.iter().map(alike).collect());
    let leak =
        |one: &LeakRow| [code(&one.slice), one.rows.clone(), shown(&one.base), shown(&one.tuned), shown(&one.change)];
    let columns = ["group", "rows", "AUC from base", "AUC from tuned", "change"];
    table(text, "What the embeddings tell of groups", columns, found.leaks.iter().map(leak).collect());
    let rest = [&found.compression, &found.sample, &found.log_me];
    let rest: Vec<String> = rest.into_iter().filter(|line| !line.is_empty()).map(|line| escaped(line)).collect();
    if !rest.is_empty() {
        *text += &format!("\n{}\n", rest.join(" "));
    }
}

fn language_models(text: &mut String, found: &LanguageView) {
    *text += &format!("\n#### Context: what the language models prefer\n\n{}\n", escaped(&found.answer));
    for set in &found.pairs {
        let side = |side: &Side| match set.sense {
            true => format!("{}, sense {}, ICAT {}", shown(&side.score), side.sense, side.icat),
            false => shown(&side.score),
        };
        let row = |row: &language::PairRow| {
            let [base, tuned] = row.sides.each_ref().map(side);
            [code(&row.kind), row.pairs.clone(), base, tuned, escaped(&row.p)]
        };
        let title = format!("Stereotype more likely, of 100 pairs: {}", escaped(&set.file));
        table(text, &title, ["kind", "pairs", "base", "tuned", "p"], set.rows.iter().map(row).collect());
    }
    let row = |row: &language::WordRow| {
        let effect = |shown_: &Shown, p: &str| format!("{} (p {})", shown(shown_), escaped(p));
        let [base, tuned] = [0, 1].map(|side| effect(&row.sides[side], &row.p[side]));
        [code(&row.name), escaped(&row.sets), base, tuned]
    };
    let rows = found.words.iter().map(row).collect();
    table(text, "Associations of words, in deviations", ["test", "words", "base", "tuned"], rows);
}
