//! What the models run on. A device that is asked for and is not there is an error: a run that falls back to the
//! processor in silence would not be the run that was asked for.

use super::runtime::Runtime;
use crate::models::ModelError;
use ort::ep::{self, ExecutionProvider, ExecutionProviderDispatch};
use ort::session::Session;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// An NVIDIA card, or an error.
    Cuda,
    /// An NVIDIA card where there is one, else the processor.
    Auto,
}

/// Words of the audit file.
pub const DEVICES: &[(&str, Device)] = &[("cpu", Device::Cpu), ("cuda", Device::Cuda), ("auto", Device::Auto)];

impl Device {
    /// Whether it is the one that is meant where none is named.
    pub fn is_default(&self) -> bool {
        *self == Device::default()
    }
}

/// What ONNX Runtime runs models on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Provider {
    Cpu,
    Cuda,
}

/// The provider of a device, and a sentence where it is not what one might expect. Without ONNX Runtime there is none.
pub(super) fn provider(
    runtime: Option<&Runtime>,
    device: Device,
) -> Result<(Option<Provider>, Option<String>), ModelError> {
    match (runtime, device) {
        (None, Device::Cuda) => Err(ModelError(
            "device \"cuda\" was asked for, and the embedded engine runs on the processor alone. Get ONNX Runtime for \
             CUDA with `pip install onnxruntime-gpu`, and name its library with --onnxruntime PATH; or say device = \"cpu\""
                .into(),
        )),
        (None, _) => Ok((None, None)),
        (Some(_), Device::Cpu) => Ok((Some(Provider::Cpu), None)),
        (Some(runtime), device) => match (usable(runtime), device) {
            (Ok(()), _) => Ok((Some(Provider::Cuda), None)),
            (Err(cause), Device::Auto) => Ok((Some(Provider::Cpu), Some(cause))),
            (Err(cause), _) => Err(ModelError(format!(
                "device \"cuda\" was asked for, and {cause}. Get one with `pip install onnxruntime-gpu`, name its \
                 library with --onnxruntime PATH, and see that the driver and the CUDA libraries it wants are there; \
                 or say device = \"cpu\""
            ))),
        },
    }
}

/// Whether the library has CUDA and can start it: having it says nothing of a card, a driver and their libraries.
fn usable(runtime: &Runtime) -> Result<(), String> {
    let shown = runtime.path.file_name().unwrap_or_default().to_string_lossy();
    let unable = |cause: String| format!("ONNX Runtime {} ({shown}) cannot start CUDA: {cause}", runtime.version);
    match ep::CUDA::is_available() {
        Err(error) => Err(unable(words(error))),
        Ok(false) => {
            Err(format!("ONNX Runtime {} ({shown}) was built without CUDA: it runs on the processor", runtime.version))
        }
        Ok(true) => {
            let builder = Session::builder(&runtime.environment).map_err(|error| unable(words(error)))?;
            builder.with_execution_providers([cuda()]).map(drop).map_err(|error| unable(words(error)))
        }
    }
}

/// Full precision, and the same algorithm for a convolution each time; a card that cannot be used is an error.
pub(super) fn cuda() -> ExecutionProviderDispatch {
    let search = ep::cuda::ConvAlgorithmSearch::Default;
    ep::CUDA::default().with_tf32(false).with_conv_algorithm_search(search).build().error_on_failure()
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}
