//! A model in ONNX Runtime.
//!
//! Sessions are set up so that the same chunk gives the same bytes: one named device, a fixed level of
//! optimization, deterministic kernels, a given number of threads, and no threads that spin.

use super::device::{self, Provider};
use super::graph::Graph;
use super::runtime::Runtime;
use crate::models::{Element, Inputs, Model, ModelError, Output, Port, Shape, Signature, Tensor};
use half::{bf16, f16};
use ndarray::ArrayD;
use ort::ep;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::session::{OutputSelector, RunOptions, Session, SessionInputValue};
use ort::value::{
    DynSequenceValueType, DynValue, IntoTensorElementType, MapValueType, PrimitiveTensorElementType, TensorElementType,
    TensorRef, ValueType,
};
use std::borrow::Cow;
use std::fmt::Display;
use std::hash::Hash;
use std::path::Path;

/// A model in ONNX Runtime.
pub(super) struct RuntimeModel {
    session: Session,
    signature: Signature,
    shown: String,
}

impl RuntimeModel {
    /// Loads a model that was read; its files of weights are known to be there. With it comes whether it runs on
    /// the processor in part, beside the device that was asked for.
    pub(super) fn load(
        runtime: &Runtime,
        path: &Path,
        graph: Graph,
        (threads, provider): (usize, Provider),
    ) -> Result<(RuntimeModel, bool), ModelError> {
        let shown = path.display().to_string();
        let (session, mixed) = open(runtime, path, threads, provider).map_err(|error| {
            ModelError(format!("model {shown}: ONNX Runtime {} cannot load it: {error}", runtime.version))
        })?;
        Ok((RuntimeModel { session, signature: graph.signature, shown }, mixed))
    }

    fn run(&mut self, inputs: &Inputs, wanted: &[&str]) -> Result<Vec<Output>, String> {
        let is_there = |name: &str| self.signature.outputs.iter().any(|port| port.name == name);
        if let Some(absent) = wanted.iter().find(|name| !is_there(name)) {
            return Err(format!("it has no output {absent:?}"));
        }
        let values =
            self.signature.inputs.iter().map(|port| given(port, inputs)).collect::<Result<Vec<_>, String>>()?;
        let selected = wanted.iter().fold(OutputSelector::no_default(), |selected, name| selected.with(*name));
        let options = RunOptions::new().map_err(words)?.with_outputs(selected);
        let outputs = self.session.run_with_options(values, &options).map_err(words)?;
        let one = |name: &&str| {
            let value = outputs.get(*name).ok_or_else(|| format!("it did not give output {name:?}"))?;
            read(value).map_err(|cause| format!("output {name:?}: {cause}"))
        };
        wanted.iter().map(one).collect()
    }
}

impl Model for RuntimeModel {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn predict_all(&mut self, inputs: &Inputs, outputs: &[&str]) -> Result<Vec<Output>, ModelError> {
        self.run(inputs, outputs)
            .map_err(|cause| ModelError(format!("model {}: ONNX Runtime could not run it: {cause}", self.shown)))
    }
}

/// The provider is named: left alone, ONNX Runtime may pick another device. On a card the processor is first ruled
/// out, and let in only where a model has operators that the card does not know.
fn open(runtime: &Runtime, path: &Path, threads: usize, provider: Provider) -> Result<(Session, bool), String> {
    let builder = || Session::builder(&runtime.environment).map_err(words);
    let processor = || ep::CPU::default().with_arena_allocator(true).build();
    if provider == Provider::Cpu {
        return session(builder()?.with_execution_providers([processor()]).map_err(words)?, path, threads)
            .map(|session| (session, false));
    }
    let alone = builder()?.with_execution_providers([device::cuda()]).map_err(words)?;
    let alone = alone.with_disable_cpu_fallback().map_err(words)?;
    if let Ok(session) = session(alone, path, threads) {
        return Ok((session, false));
    }
    let both = builder()?.with_execution_providers([device::cuda(), processor()]).map_err(words)?;
    session(both, path, threads).map(|session| (session, true))
}

fn session(builder: SessionBuilder, path: &Path, threads: usize) -> Result<Session, String> {
    let builder = builder.with_optimization_level(GraphOptimizationLevel::Level2).map_err(words)?;
    let builder = builder.with_deterministic_compute(true).map_err(words)?;
    let builder = builder.with_parallel_execution(false).map_err(words)?;
    let builder = builder.with_intra_threads(threads.max(1)).map_err(words)?;
    let mut builder = builder.with_intra_op_spinning(false).map_err(words)?;
    builder.commit_from_file(path).map_err(words)
}

/// ONNX Runtime's messages run over several lines.
fn words(error: impl Display) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

type Given<'a> = (Cow<'a, str>, SessionInputValue<'a>);

fn given<'a>(port: &'a Port, inputs: &'a Inputs) -> Result<Given<'a>, String> {
    let tensor = inputs.iter().find(|(name, _)| *name == port.name).map(|(_, tensor)| tensor);
    let tensor = tensor.ok_or_else(|| format!("input {:?} was not given", port.name))?;
    let value = input(tensor, &port.shape).map_err(|error| format!("input {:?}: {error}", port.name))?;
    Ok((Cow::from(port.name.as_str()), value))
}

/// A tensor as ONNX Runtime takes it: borrowed, but for strings and for float16, which is narrowed.
fn input<'a>(tensor: &'a Tensor, wanted: &Shape) -> ort::Result<SessionInputValue<'a>> {
    Ok(match tensor {
        Tensor::F32(array) if matches!(wanted, Shape::Tensor(Element::Float16, _)) => {
            ort::value::Tensor::from_array(array.mapv(f16::from_f32))?.into()
        }
        Tensor::F32(array) => TensorRef::from_array_view(array)?.into(),
        Tensor::F64(array) => TensorRef::from_array_view(array)?.into(),
        Tensor::I64(array) => TensorRef::from_array_view(array)?.into(),
        Tensor::I32(array) => TensorRef::from_array_view(array)?.into(),
        Tensor::U8(array) => TensorRef::from_array_view(array)?.into(),
        Tensor::Bool(array) => TensorRef::from_array_view(array)?.into(),
        Tensor::Text(array) => ort::value::Tensor::from_string_array(array)?.into(),
    })
}

/// An output as it is handed on; floating numbers are widened, which is exact.
fn read(value: &DynValue) -> Result<Output, String> {
    match value.dtype() {
        ValueType::Tensor { ty, .. } => read_tensor(value, *ty),
        ValueType::Sequence(inner) => match **inner {
            ValueType::Map { key: TensorElementType::Int64, value: TensorElementType::Float32 } => {
                read_maps::<i64>(value)
            }
            ValueType::Map { key: TensorElementType::String, value: TensorElementType::Float32 } => {
                read_maps::<String>(value)
            }
            ref other => Err(format!("a sequence of {other} is not understood")),
        },
        other => Err(format!("{other} is not understood")),
    }
}

fn read_tensor(value: &DynValue, element: TensorElementType) -> Result<Output, String> {
    use TensorElementType as E;
    match element {
        E::Float32 => widened::<f32>(value),
        E::Float64 => widened::<f64>(value),
        E::Float16 => mapped(value, f16::to_f64).map(Output::Float),
        E::Bfloat16 => mapped(value, bf16::to_f64).map(Output::Float),
        E::Int64 => whole::<i64>(value),
        E::Int32 => whole::<i32>(value),
        E::Int16 => whole::<i16>(value),
        E::Int8 => whole::<i8>(value),
        E::Uint32 => whole::<u32>(value),
        E::Uint16 => whole::<u16>(value),
        E::Uint8 => whole::<u8>(value),
        E::Bool => mapped(value, |flag: bool| i64::from(flag)).map(Output::Integer),
        E::String => value.try_extract_string_array().map(Output::Text).map_err(words),
        other => Err(format!("elements of {other} are not understood")),
    }
}

fn widened<T: PrimitiveTensorElementType + Copy + Into<f64>>(value: &DynValue) -> Result<Output, String> {
    mapped(value, T::into).map(Output::Float)
}

fn whole<T: PrimitiveTensorElementType + Copy + Into<i64>>(value: &DynValue) -> Result<Output, String> {
    mapped(value, T::into).map(Output::Integer)
}

fn mapped<T: PrimitiveTensorElementType + Copy, U>(
    value: &DynValue,
    map: impl FnMut(T) -> U,
) -> Result<ArrayD<U>, String> {
    Ok(value.try_extract_array::<T>().map_err(words)?.mapv(map))
}

/// What a ZipMap gives: a map for each row.
fn read_maps<K>(value: &DynValue) -> Result<Output, String>
where
    K: IntoTensorElementType + std::fmt::Debug + Clone + Hash + Eq + Display,
{
    let sequence = value.downcast_ref::<DynSequenceValueType>().map_err(words)?;
    let maps = sequence.try_extract_sequence::<MapValueType<K, f32>>().map_err(words)?;
    let row = |map: &ort::value::Map<K, f32>| -> Result<Vec<(String, f64)>, String> {
        let pairs = map.try_extract_key_values::<K, f32>().map_err(words)?;
        Ok(pairs.into_iter().map(|(key, score)| (key.to_string(), f64::from(score))).collect())
    };
    maps.iter().map(row).collect::<Result<_, _>>().map(Output::Maps)
}
