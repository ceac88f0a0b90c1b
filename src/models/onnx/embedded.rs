//! The embedded engine: tract, in the binary itself, for when no ONNX Runtime is there.
//!
//! It runs perceptrons and most plain networks. It runs no operators of scikit-learn (`ai.onnx.ml`)
//! and no strings; such models are refused with the operators' names before tract sees them. tract
//! is called directly: through its C interface a panic would end the process.
//!
//! A model is prepared once for rows of any number and width. Some transformers cannot be, since tract does not
//! multiply two open dimensions; those are prepared anew for each shape that comes, which takes about as long as a
//! few runs.

mod shaped;

use super::graph::Graph;
use super::quiet;
use crate::models::{Element, Inputs, Model, ModelError, Output, Port, Shape, Signature, Tensor};
use ndarray::ArrayD;
use shaped::Shaped;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use tract_onnx::prelude::{
    Framework, InferenceFact, InferenceModel, InferenceModelExt, IntoRunnable, TValue, TVec, TractResult, TypedModel,
    TypedRunnableModel,
};
use tract_onnx::tract_hir::infer::{Factoid, GenericFactoid};

/// Its version, for the report.
pub(super) const VERSION: &str = "tract 0.23.9";

const WAY_OUT: &str =
    "ONNX Runtime may: get it with `heirloom engine install`, or name its library with --onnxruntime PATH";

/// A model in the embedded engine.
pub(super) struct EmbeddedModel {
    prepared: Prepared,
    signature: Signature,
    shown: String,
    /// The model looks for NaN itself, as one that fills up missing values does.
    knows_nan: bool,
}

/// How a model is made ready to run.
enum Prepared {
    /// For any shape, with a plan for each choice of outputs.
    Open(TypedModel, HashMap<Vec<usize>, Arc<TypedRunnableModel>>),
    /// For each shape.
    Shaped(Shaped),
}

impl EmbeddedModel {
    /// Loads a model that was read; its files of weights are known to be there.
    pub(super) fn load(path: &Path, graph: Graph) -> Result<EmbeddedModel, ModelError> {
        let shown = path.display().to_string();
        refuse_unknown(&shown, &graph)?;
        let cannot = |cause: String| {
            let operators: Vec<&str> = graph.operators.iter().map(|(_, name)| name.as_str()).collect();
            ModelError(format!(
                "model {shown}: the embedded engine cannot run it: {cause}. Its operators are {}. {WAY_OUT}.",
                operators.join(", ")
            ))
        };
        let bytes = graph.bytes();
        let prepared = match quietly(|| prepare(path)) {
            Ok(model) => Prepared::Open(model, HashMap::new()),
            // Whether it can be prepared for a shape is seen when one comes: not every one is a shape of its own.
            Err(cause) if is_open(&graph) => {
                quietly(|| Shaped::of(path, bytes)).map(Prepared::Shaped).map_err(|_| cannot(cause))?
            }
            Err(cause) => return Err(cannot(cause)),
        };
        let knows_nan = graph.operators.iter().any(|(_, name)| name == "IsNaN");
        Ok(EmbeddedModel { prepared, signature: graph.signature, shown, knows_nan })
    }

    /// The part of the model that these outputs need, made once for each shape that it is prepared for.
    fn plan(&mut self, wanted: &[&str], inputs: &[TValue]) -> Result<Arc<TypedRunnableModel>, String> {
        let place = |name: &&str| {
            let place = self.signature.outputs.iter().position(|port| port.name == **name);
            place.ok_or_else(|| format!("it has no output {name:?}"))
        };
        let places = wanted.iter().map(place).collect::<Result<Vec<_>, _>>()?;
        match &mut self.prepared {
            Prepared::Shaped(shaped) => quietly(|| shaped.plan(&places, inputs)),
            Prepared::Open(model, plans) => match plans.get(&places) {
                Some(plan) => Ok(plan.clone()),
                None => {
                    let plan = quietly(|| runnable(model.clone(), &places))?;
                    plans.insert(places, plan.clone());
                    Ok(plan)
                }
            },
        }
    }

    /// The inputs in the order that the model lists them.
    fn ordered(&self, inputs: &Inputs) -> Result<TVec<TValue>, String> {
        let find = |name: &str| inputs.iter().find(|(given, _)| given == name).map(|(_, tensor)| tensor);
        let one = |port: &Port| {
            let tensor = find(&port.name).ok_or_else(|| format!("input {:?} was not given", port.name))?;
            value(tensor, &port.shape).map_err(|cause| format!("input {:?}: {cause}", port.name))
        };
        self.signature.inputs.iter().map(one).collect()
    }

    fn run(&mut self, inputs: &Inputs, wanted: &[&str]) -> Result<Vec<Output>, String> {
        let ordered = self.ordered(inputs)?;
        let plan = self.plan(wanted, &ordered)?;
        let outputs =
            quietly(move || plan.run(ordered)?.iter().map(|value| read(value)).collect::<TractResult<Vec<_>>>())?;
        if self.knows_nan {
            return Ok(outputs);
        }
        let nulls = with_nan(inputs);
        outputs.into_iter().map(|output| marked(output, &nulls)).collect()
    }
}

impl Model for EmbeddedModel {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn predict_all(&mut self, inputs: &Inputs, outputs: &[&str]) -> Result<Vec<Output>, ModelError> {
        self.run(inputs, outputs).map_err(|cause| {
            ModelError(format!("model {}: the embedded engine could not run it: {cause}. {WAY_OUT}.", self.shown))
        })
    }
}

/// The rows that hold NaN in some input: a null of the data, as a rule.
fn with_nan(inputs: &Inputs) -> BTreeSet<usize> {
    let rows = |(_, tensor): &(String, Tensor)| match tensor {
        Tensor::F32(array) => rows_where(array, |value| value.is_nan()),
        Tensor::F64(array) => rows_where(array, |value| value.is_nan()),
        _ => BTreeSet::new(),
    };
    inputs.iter().flat_map(rows).collect()
}

fn rows_where<T: Copy>(array: &ArrayD<T>, is: fn(T) -> bool) -> BTreeSet<usize> {
    // Nearly always there is none, and looking at the plain values is quick.
    if !array.iter().any(|&value| is(value)) {
        return BTreeSet::new();
    }
    array.indexed_iter().filter(|(_, value)| is(**value)).map(|(at, _)| at[0]).collect()
}

/// tract's kernels of sigmoid, ReLU and the like lose NaN and give some number for it. What came of
/// NaN is made NaN again, or a null would be scored in silence.
fn marked(mut output: Output, rows: &BTreeSet<usize>) -> Result<Output, String> {
    match &mut output {
        _ if rows.is_empty() => {}
        Output::Float(array) => {
            array.indexed_iter_mut().filter(|(at, _)| rows.contains(&at[0])).for_each(|(_, value)| *value = f64::NAN)
        }
        _ => {
            return Err(format!(
                "its inputs hold nulls in {} of these rows, of which it cannot give a label",
                rows.len()
            ));
        }
    }
    Ok(output)
}

/// Reads, types and simplifies a model. Open dimensions that have no name get one, or tract could
/// not tell the shapes that follow.
fn prepare(path: &Path) -> TractResult<TypedModel> {
    let mut model = tract_onnx::onnx().model_for_path(path)?;
    for input in 0..model.input_outlets()?.len() {
        let fact = named_dimensions(&model, input)?;
        model.set_input_fact(input, fact)?;
    }
    model.into_typed()?.into_decluttered()
}

/// Whether an input has several open dimensions, the rows and another.
fn is_open(graph: &Graph) -> bool {
    let open =
        |shape: &Shape| matches!(shape, Shape::Tensor(_, dims) if dims.iter().flatten().count() + 2 <= dims.len());
    graph.signature.inputs.iter().any(|port| open(&port.shape))
}

/// The part of a model that some of its outputs need, as it is run.
fn runnable(model: TypedModel, places: &[usize]) -> TractResult<Arc<TypedRunnableModel>> {
    let all = model.output_outlets()?.to_vec();
    let outlets: Vec<_> = places.iter().map(|&place| all[place]).collect();
    model.with_output_outlets(&outlets)?.into_optimized()?.into_runnable()
}

fn named_dimensions(model: &InferenceModel, input: usize) -> TractResult<InferenceFact> {
    let fact = model.input_fact(input)?.clone();
    let Some(rank) = fact.shape.rank().concretize() else { return Ok(fact) };
    let name = |axis| if axis == 0 { "N".to_owned() } else { format!("d{input}_{axis}") };
    let dims = fact.shape.dims().enumerate().map(|(axis, dim)| match dim {
        GenericFactoid::Only(size) => size.clone(),
        GenericFactoid::Any => model.symbols.sym(&name(axis)).into(),
    });
    let dims: Vec<_> = dims.take(rank as usize).collect();
    Ok(fact.with_shape(dims))
}

/// Refuses what is known not to run, by name.
fn refuse_unknown(shown: &str, graph: &Graph) -> Result<(), ModelError> {
    let known = tract_onnx::onnx().op_register.0;
    let unknown =
        |(domain, name): &&(String, String)| !matches!(domain.as_str(), "" | "ai.onnx") || !known.contains_key(name);
    let mut refused: Vec<&str> = graph.operators.iter().filter(unknown).map(|(_, name)| name.as_str()).collect();
    if graph.signature.inputs.iter().any(|port| matches!(port.shape, Shape::Tensor(Element::Text, _))) {
        refused.push("string inputs");
    }
    match refused.as_slice() {
        [] => Ok(()),
        _ => {
            Err(ModelError(format!("model {shown}: the embedded engine cannot run {}. {WAY_OUT}.", refused.join(", "))))
        }
    }
}

/// Runs a call into tract; an error or a panic becomes one line.
fn quietly<T>(call: impl FnOnce() -> TractResult<T>) -> Result<T, String> {
    let outcome = quiet::catch(call)?;
    outcome.map_err(|error| one_line(&format!("{error:#}")))
}

/// tract's messages carry dumps of nodes.
fn one_line(message: &str) -> String {
    const LONGEST: usize = 200;
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}

/// A tensor as tract takes it; float32 is narrowed for a model of float16.
fn value(tensor: &Tensor, wanted: &Shape) -> Result<TValue, String> {
    let value: tract_onnx::prelude::Tensor = match tensor {
        Tensor::F32(array) if matches!(wanted, Shape::Tensor(Element::Float16, _)) => {
            array.mapv(half::f16::from_f32).into()
        }
        Tensor::F32(array) => array.clone().into(),
        Tensor::F64(array) => array.clone().into(),
        Tensor::I64(array) => array.clone().into(),
        Tensor::I32(array) => array.clone().into(),
        Tensor::U8(array) => array.clone().into(),
        Tensor::Bool(array) => array.clone().into(),
        Tensor::Text(_) => return Err("strings cannot be given to it".to_owned()),
    };
    Ok(value.into())
}

/// Floating numbers are widened, which is exact.
fn read(value: &tract_onnx::prelude::Tensor) -> TractResult<Output> {
    if value.datum_type().is_float() {
        Ok(Output::Float(value.cast_to::<f64>()?.to_plain_array_view::<f64>()?.to_owned()))
    } else {
        Ok(Output::Integer(value.cast_to::<i64>()?.to_plain_array_view::<i64>()?.to_owned()))
    }
}
