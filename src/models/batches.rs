//! The batches that a chunk of rows is run in, and their outputs put together again.
//!
//! Rows of numbers run as one batch. Texts run in buckets of rows of about the same length, so that little
//! padding is computed; which rows share a bucket depends on the chunk alone.

use super::inputs::Feed;
use super::{Inputs, Model, ModelError, Output, Piece, Tensor, Unread};
use crate::data::DataError;
use ndarray::{ArrayD, Axis, concatenate};

/// Rows of text that run together.
const BUCKET: usize = 32;

/// The inputs of a chunk, in the batches that a model runs.
#[derive(Debug, Default, PartialEq)]
pub struct Batches {
    all: Vec<Inputs>,
    /// The place of each row among those of all batches; empty where they are in order.
    places: Vec<usize>,
    /// Of each row whether its text was cut; empty where no text is read.
    pub cut: Vec<bool>,
    /// Rows whose picture could not be read; it is 0 all over.
    pub unread: Vec<Unread>,
}

impl Feed {
    /// The inputs of the rows of all pieces. `chunk_rows` and `used` are as for [`Feed::fill`].
    pub fn batches(&self, pieces: &[Piece], chunk_rows: usize, used: Batches) -> Result<Batches, DataError> {
        let Some(text) = &self.text else {
            let used = used.all.into_iter().next().unwrap_or_default();
            let (all, unread) = self.without_text(pieces, chunk_rows, used)?;
            return Ok(Batches { all: vec![all], unread, ..Batches::default() });
        };
        let tokens = text.read(pieces)?;
        let (numbers, unread) = self.without_text(pieces, tokens.len(), Inputs::new())?;
        let mut order: Vec<usize> = (0..tokens.len()).collect();
        order.sort_by_key(|&row| tokens[row].ids.len());
        let mut places = vec![0; order.len()];
        order.iter().enumerate().for_each(|(place, &row)| places[row] = place);
        let bucket = |rows: &[usize]| {
            let rows = filled_up(rows, self.batch().unwrap_or(BUCKET));
            let mut inputs = text.inputs(&rows.iter().map(|&row| &tokens[row]).collect::<Vec<_>>())?;
            inputs.extend(numbers.iter().map(|(name, tensor)| (name.clone(), chosen(tensor, &rows))));
            Ok(inputs)
        };
        let all = order.chunks(self.batch().unwrap_or(BUCKET)).map(bucket).collect::<Result<_, DataError>>()?;
        Ok(Batches { all, places, cut: tokens.iter().map(|row| row.cut).collect(), unread })
    }

    /// The inputs of numbers and of pictures.
    fn without_text(&self, pieces: &[Piece], rows: usize, used: Inputs) -> Result<(Inputs, Vec<Unread>), DataError> {
        let mut inputs = self.fill(pieces, rows, used)?;
        let Some(image) = &self.image else { return Ok((inputs, Vec::new())) };
        let (tensor, unread) = image.read(pieces, rows)?;
        inputs.push((image.input().to_owned(), tensor));
        Ok((inputs, unread))
    }
}

impl Batches {
    /// Runs all batches once and gives several outputs, each in the order of the rows.
    pub fn predict_all(&self, model: &mut dyn Model, outputs: &[&str]) -> Result<Vec<Output>, ModelError> {
        let mut parts: Vec<Vec<Output>> = outputs.iter().map(|_| Vec::new()).collect();
        for inputs in &self.all {
            let said = model.predict_all(inputs, outputs)?;
            parts.iter_mut().zip(said).for_each(|(parts, output)| parts.push(output));
        }
        outputs.iter().zip(parts).map(|(output, parts)| self.whole(output, parts)).collect()
    }

    /// The rows of the last batch, as they are and backwards; those in two batches of different sizes where `any`
    /// size will do. With them how many rows they are.
    pub fn twice(&self, any: bool) -> Option<(Batches, Batches, usize)> {
        let last = self.all.last()?;
        let rows = last.iter().map(|(_, tensor)| length(tensor)).min().filter(|rows| *rows > 0)?;
        let order: Vec<usize> = (0..rows).rev().collect();
        let cut = if any { rows / 3 } else { 0 };
        let of = |rows: &[usize]| last.iter().map(|(name, tensor)| (name.clone(), chosen(tensor, rows))).collect();
        let all = [&order[..cut], &order[cut..]].into_iter().filter(|part| !part.is_empty()).map(of).collect();
        let plain = Batches { all: vec![last.clone()], places: (0..rows).collect(), ..Batches::default() };
        Some((plain, Batches { all, places: order, ..Batches::default() }, rows))
    }

    /// Runs all batches and gives one output, in the order of the rows.
    pub fn predict(&self, model: &mut dyn Model, output: &str) -> Result<Output, ModelError> {
        let mut outputs = self.predict_all(model, &[output])?;
        outputs.pop().ok_or_else(|| ModelError(format!("output {output} was not given")))
    }

    fn whole(&self, output: &str, mut parts: Vec<Output>) -> Result<Output, ModelError> {
        if self.places.is_empty() && parts.len() == 1 {
            return Ok(parts.remove(0));
        }
        joined(parts, &self.places)
            .map_err(|cause| ModelError(format!("output {output} cannot be read row by row: {cause}")))
    }
}

/// A bucket as large as all others: its last row is repeated.
fn filled_up(rows: &[usize], size: usize) -> Vec<usize> {
    let last = rows.last().copied().unwrap_or(0);
    (0..size).map(|at| rows.get(at).copied().unwrap_or(last)).collect()
}

fn length(tensor: &Tensor) -> usize {
    let shape = match tensor {
        Tensor::F32(array) => array.shape(),
        Tensor::F64(array) => array.shape(),
        Tensor::I64(array) => array.shape(),
        Tensor::I32(array) => array.shape(),
        Tensor::U8(array) => array.shape(),
        Tensor::Bool(array) => array.shape(),
        Tensor::Text(array) => array.shape(),
    };
    shape.first().copied().unwrap_or(0)
}

fn chosen(tensor: &Tensor, rows: &[usize]) -> Tensor {
    match tensor {
        Tensor::F32(array) => Tensor::F32(array.select(Axis(0), rows)),
        Tensor::F64(array) => Tensor::F64(array.select(Axis(0), rows)),
        Tensor::I64(array) => Tensor::I64(array.select(Axis(0), rows)),
        Tensor::I32(array) => Tensor::I32(array.select(Axis(0), rows)),
        Tensor::U8(array) => Tensor::U8(array.select(Axis(0), rows)),
        Tensor::Bool(array) => Tensor::Bool(array.select(Axis(0), rows)),
        Tensor::Text(array) => Tensor::Text(array.select(Axis(0), rows)),
    }
}

fn joined(parts: Vec<Output>, places: &[usize]) -> Result<Output, String> {
    let (mut floats, mut integers, mut texts, mut maps) = (vec![], vec![], vec![], vec![]);
    for part in parts {
        match part {
            Output::Float(array) => floats.push(array),
            Output::Integer(array) => integers.push(array),
            Output::Text(array) => texts.push(array),
            Output::Maps(rows) => maps.extend(rows),
        }
    }
    match () {
        _ if !floats.is_empty() => in_order(&floats, places).map(Output::Float),
        _ if !integers.is_empty() => in_order(&integers, places).map(Output::Integer),
        _ if !texts.is_empty() => in_order(&texts, places).map(Output::Text),
        _ => {
            let row = |&place: &usize| maps.get(place).cloned().ok_or("it has fewer rows than were given");
            Ok(Output::Maps(places.iter().map(row).collect::<Result<_, _>>()?))
        }
    }
}

fn in_order<T: Clone>(parts: &[ArrayD<T>], places: &[usize]) -> Result<ArrayD<T>, String> {
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    let all = concatenate(Axis(0), &views).map_err(|_| "it has another width in each batch".to_owned())?;
    if all.shape()[0] < places.len() {
        return Err("it has fewer rows than were given".into());
    }
    Ok(all.select(Axis(0), places))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn outputs_return_to_the_order_of_rows() {
        let parts =
            vec![Output::Float(array![[0.1], [0.2]].into_dyn()), Output::Float(array![[0.3], [0.3]].into_dyn())];
        assert_eq!(joined(parts, &[2, 0, 1]), Ok(Output::Float(array![[0.3], [0.1], [0.2]].into_dyn())));
        let maps = |scores: &[f64]| Output::Maps(scores.iter().map(|&score| vec![("a".to_owned(), score)]).collect());
        assert_eq!(joined(vec![maps(&[0.1]), maps(&[0.2])], &[1, 0]), Ok(maps(&[0.2, 0.1])));
    }

    #[test]
    fn outputs_that_are_not_of_rows_are_refused() {
        let wide = vec![Output::Integer(array![[1, 2]].into_dyn()), Output::Integer(array![[1, 2, 3]].into_dyn())];
        assert!(joined(wide, &[0, 1]).unwrap_err().contains("another width"));
        assert!(joined(vec![Output::Integer(array![1].into_dyn())], &[0, 1]).unwrap_err().contains("fewer rows"));
        assert!(joined(vec![Output::Float(ArrayD::zeros(IxDyn(&[])))], &[0]).is_err());
    }

    use ndarray::IxDyn;

    /// Gives each row's own number, and the size of its batch.
    struct Echo(crate::models::Signature, Vec<usize>);

    impl Model for Echo {
        fn signature(&self) -> &crate::models::Signature {
            &self.0
        }

        fn predict_all(&mut self, inputs: &Inputs, _: &[&str]) -> Result<Vec<Output>, ModelError> {
            let (_, Tensor::I64(array)) = &inputs[0] else { return Err(ModelError("no numbers".into())) };
            self.1.push(array.shape()[0]);
            Ok(vec![Output::Integer(array.clone())])
        }
    }

    #[test]
    fn a_second_run_gives_the_same_rows_from_other_batches() {
        let rows = array![[5], [6], [7], [8], [9], [4], [3]].into_dyn();
        let batches = Batches { all: vec![vec![("x".into(), Tensor::I64(rows.clone()))]], ..Batches::default() };
        for (any, sizes) in [(true, vec![7, 2, 5]), (false, vec![7, 7])] {
            let (plain, other, count) = batches.twice(any).unwrap();
            let mut echo = Echo(Default::default(), Vec::new());
            let said = [plain, other].map(|batches| batches.predict(&mut echo, "y").unwrap());
            assert_eq!((said, count, echo.1), ([0, 1].map(|_| Output::Integer(rows.clone())), 7, sizes));
        }
        assert!(Batches::default().twice(true).is_none());
    }

    #[test]
    fn the_last_bucket_is_filled_up() {
        assert_eq!(filled_up(&[4, 7], 4), [4, 7, 7, 7]);
    }
}
