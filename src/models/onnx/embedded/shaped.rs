//! A model that is prepared for each shape of its inputs by itself.

use super::runnable;
use std::path::Path;
use std::sync::Arc;
use tract_onnx::prelude::{Framework, InferenceModel, InferenceModelExt, TValue, TractResult, TypedRunnableModel};

/// A plan holds the weights once more, in the order that its kernels want; as many are kept as fit in 1 GiB.
const KEPT_BYTES: u64 = 1 << 30;
/// More than a text has different lengths in one go.
const MOST_KEPT: u64 = 64;

/// Which outputs are asked for, and the shapes of all inputs.
type Key = (Vec<usize>, Vec<Vec<usize>>);

/// The model as it was read, and plans for the shapes that came last.
pub(super) struct Shaped {
    model: InferenceModel,
    /// The one used last stands at the end.
    plans: Vec<(Key, Arc<TypedRunnableModel>)>,
    kept: usize,
}

impl Shaped {
    /// Reads the model. `bytes` is how large it is.
    pub(super) fn of(path: &Path, bytes: u64) -> TractResult<Shaped> {
        let model = tract_onnx::onnx().model_for_path(path)?;
        let kept = (KEPT_BYTES / bytes.max(1)).clamp(1, MOST_KEPT) as usize;
        Ok(Shaped { model, plans: Vec::new(), kept })
    }

    /// The plan for these outputs and the shapes of these inputs.
    pub(super) fn plan(&mut self, places: &[usize], inputs: &[TValue]) -> TractResult<Arc<TypedRunnableModel>> {
        let key: Key = (places.to_vec(), inputs.iter().map(|input| input.shape().to_vec()).collect());
        let known = self.plans.iter().position(|(known, _)| *known == key);
        let plan = match known {
            Some(at) => self.plans.remove(at).1,
            None => {
                self.plans.drain(..(self.plans.len() + 1).saturating_sub(self.kept));
                self.prepare(places, &key.1)?
            }
        };
        self.plans.push((key, plan.clone()));
        Ok(plan)
    }

    fn prepare(&self, places: &[usize], shapes: &[Vec<usize>]) -> TractResult<Arc<TypedRunnableModel>> {
        let mut model = self.model.clone();
        for (input, shape) in shapes.iter().enumerate() {
            let fact = model.input_fact(input)?.clone().with_shape(shape);
            model.set_input_fact(input, fact)?;
        }
        runnable(model.into_typed()?.into_decluttered()?, places)
    }
}
