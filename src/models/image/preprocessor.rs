//! `preprocessor_config.json`: what was done to a picture before the model saw it, as Hugging Face saves it.
//!
//! Nothing is guessed: a key that is not known may change pixels, so it is a problem and not left aside. A step
//! whose settings are there is made, unless its own `do_` key says no.

use super::resample::Resample;
use serde_json::{Map, Value};
use std::path::Path;

/// Larger files are no settings.
const FILE_BYTES: u64 = 1 << 20;
/// The longest side of what a model sees.
const LONGEST_SIDE: u64 = 1 << 13;
/// Settings that are read.
const KNOWN: [&str; 12] = [
    "do_resize",
    "size",
    "resample",
    "crop_pct",
    "default_to_square",
    "do_center_crop",
    "crop_size",
    "do_rescale",
    "rescale_factor",
    "do_normalize",
    "image_mean",
    "image_std",
];
/// Names of classes, and what the model's own signature decides: channels and their order.
const IDLE: [&str; 14] = [
    "do_convert_rgb",
    "num_channels",
    "image_processor_type",
    "feature_extractor_type",
    "processor_class",
    "_processor_class",
    "_valid_processor_keys",
    "auto_map",
    "name_or_path",
    "data_format",
    "input_data_format",
    "return_tensors",
    "device",
    "disable_grouping",
];

/// How large a picture is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Size {
    /// To this height and width.
    Exact { height: usize, width: usize },
    /// The shorter side to this, the other in proportion.
    Shortest(usize),
}

/// To what size, and how.
type Resize = Option<(Size, Resample)>;
/// Height and width of what is kept around the centre.
type Crop = Option<(usize, usize)>;

/// The steps, in the order in which they are made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Preprocessor {
    pub(super) resize: Resize,
    pub(super) crop: Crop,
    /// What a byte is multiplied by.
    pub(super) factor: Option<f64>,
    /// The mean and the standard deviation of each channel; one of each where all channels share them.
    pub(super) normal: Option<(Vec<f32>, Vec<f32>)>,
}

impl Preprocessor {
    /// Reads the file; the problems name it.
    pub(super) fn open(file: &Path) -> Result<Preprocessor, Vec<String>> {
        let shown = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = text(file).map_err(|cause| vec![format!("preprocessor {} {cause}", file.display())])?;
        let advice = "save it with the model: processor.save_pretrained";
        let json: Value = serde_json::from_str(&text)
            .map_err(|error| vec![format!("preprocessor {shown} is not JSON ({error}); {advice}")])?;
        let Value::Object(settings) = json else {
            return Err(vec![format!("preprocessor {shown} holds no settings of a picture; {advice}")]);
        };
        let said = |problems: Vec<String>| {
            problems.into_iter().map(|problem| format!("preprocessor {shown}: {problem}")).collect::<Vec<_>>()
        };
        Preprocessor::read(&settings).map_err(said)
    }

    pub(super) fn read(settings: &Map<String, Value>) -> Result<Preprocessor, Vec<String>> {
        let settings = Settings { settings, problems: unknown(settings) };
        settings.preprocessor()
    }

    /// Height and width of every picture; `None` where they are as the pictures are.
    pub(super) fn shape(&self) -> Option<(usize, usize)> {
        match (self.crop, self.resize) {
            (Some(crop), _) => Some(crop),
            (None, Some((Size::Exact { height, width }, _))) => Some((height, width)),
            (None, _) => None,
        }
    }
}

fn text(file: &Path) -> Result<String, String> {
    let unread = |error: std::io::Error| format!("cannot be read: {error}");
    if file.metadata().map_err(unread)?.len() > FILE_BYTES {
        return Err("is too large for settings".into());
    }
    std::fs::read_to_string(file).map_err(unread)
}

/// Keys that may change pixels in a way that is not known here. A step that is not made changes none.
fn unknown(settings: &Map<String, Value>) -> Vec<String> {
    let idle = |value: &Value| value.is_null() || *value == Value::Bool(false);
    let strange = settings
        .iter()
        .filter(|(key, value)| !KNOWN.contains(&key.as_str()) && !IDLE.contains(&key.as_str()) && !idle(value));
    strange
        .map(|(key, _)| {
            format!("{key:?} is not known here, and it may change pixels; prepare the pictures so that it is not needed, and leave it out")
        })
        .collect()
}

struct Settings<'a> {
    settings: &'a Map<String, Value>,
    problems: Vec<String>,
}

impl Settings<'_> {
    fn preprocessor(mut self) -> Result<Preprocessor, Vec<String>> {
        let (resize, crop) = if self.present("crop_pct") { self.scaled_crop() } else { (self.resize(), self.crop()) };
        let factor = self.does("do_rescale", true).then(|| self.factor());
        let normal = self.does("do_normalize", self.present("image_mean")).then(|| self.normal());
        if self.problems.is_empty() { Ok(Preprocessor { resize, crop, factor, normal }) } else { Err(self.problems) }
    }

    fn present(&self, key: &str) -> bool {
        self.settings.get(key).is_some_and(|value| !value.is_null())
    }

    /// Whether a step is made: as its key says, or where there is no such key as its settings do.
    fn does(&mut self, key: &str, otherwise: bool) -> bool {
        match self.settings.get(key) {
            None => otherwise,
            Some(Value::Null) => false,
            Some(Value::Bool(yes)) => *yes,
            Some(_) => {
                self.problem(key, "is true or false");
                false
            }
        }
    }

    fn problem(&mut self, key: &str, wanted: &str) {
        let found = self.settings.get(key).map_or("it is missing".into(), |value| {
            let shown: String = value.to_string().chars().take(60).collect();
            format!("it is {shown}")
        });
        self.problems.push(format!("{key:?} {wanted}; {found}"));
    }

    fn resize(&mut self) -> Resize {
        if !self.does("do_resize", self.present("size")) {
            return None;
        }
        let size = self.size();
        if size.is_none() {
            self.problem("size", "is a number, {height, width} or {shortest_edge}");
        }
        Some((size?, self.resample()?))
    }

    fn resample(&mut self) -> Option<Resample> {
        let how = self.settings.get("resample").and_then(Value::as_u64).and_then(Resample::of);
        if how.is_none() {
            self.problem("resample", "is 0 (nearest), 1 (Lanczos), 2 (bilinear), 3 (bicubic), 4 (box) or 5 (Hamming)");
        }
        how
    }

    fn size(&self) -> Option<Size> {
        match self.settings.get("size")? {
            Value::Object(sides) => match (sides.len(), sides.get("shortest_edge")) {
                (1, Some(edge)) => side(edge).map(Size::Shortest),
                _ => exact(sides).map(|(height, width)| Size::Exact { height, width }),
            },
            number => side(number).map(|side| match self.is_square() {
                true => Size::Exact { height: side, width: side },
                false => Size::Shortest(side),
            }),
        }
    }

    /// Whether a size that is one number is that of both sides: it is, but for CLIP's.
    fn is_square(&self) -> bool {
        let of =
            |key: &str| self.settings.get(key).and_then(Value::as_str).is_some_and(|kind| kind.starts_with("CLIP"));
        let clip = of("image_processor_type") || of("feature_extractor_type");
        self.settings.get("default_to_square").and_then(Value::as_bool).unwrap_or(!clip)
    }

    fn crop(&mut self) -> Crop {
        if !self.does("do_center_crop", self.present("crop_size")) {
            return None;
        }
        let crop = self.settings.get("crop_size").and_then(|crop| match crop {
            Value::Object(sides) => exact(sides),
            number => side(number).map(|side| (side, side)),
        });
        if crop.is_none() {
            self.problem("crop_size", "is a number or {height, width}");
        }
        crop
    }

    /// ConvNeXT's way: below 384 pixels the shorter side is made larger by 1 / `crop_pct` and the centre cut out.
    fn scaled_crop(&mut self) -> (Resize, Crop) {
        if !self.does("do_resize", self.present("size")) {
            return (None, None);
        }
        let edge = match self.settings.get("size") {
            Some(Value::Object(sides)) if sides.len() == 1 => sides.get("shortest_edge").and_then(side),
            Some(number) => side(number),
            None => None,
        };
        let share = self.settings.get("crop_pct").and_then(Value::as_f64).filter(|share| *share > 0.0 && *share <= 1.0);
        let (Some(edge), Some(share)) = (edge, share) else {
            self.problem("crop_pct", "is above 0 and at most 1, beside a size that is one number");
            return (None, None);
        };
        let how = self.resample();
        let larger = Size::Shortest((edge as f64 / share) as usize);
        match edge < 384 {
            true => (how.map(|how| (larger, how)), Some((edge, edge))),
            false => (how.map(|how| (Size::Exact { height: edge, width: edge }, how)), None),
        }
    }

    fn factor(&mut self) -> f64 {
        let factor = self.settings.get("rescale_factor").map_or(Some(1.0 / 255.0), Value::as_f64);
        let factor = factor.filter(|factor| factor.is_finite() && *factor > 0.0);
        if factor.is_none() {
            self.problem("rescale_factor", "is a number above 0");
        }
        factor.unwrap_or(1.0)
    }

    fn normal(&mut self) -> (Vec<f32>, Vec<f32>) {
        (self.numbers("image_mean", |_| true), self.numbers("image_std", |number| number > 0.0))
    }

    fn numbers(&mut self, key: &str, fits: impl Fn(f32) -> bool) -> Vec<f32> {
        let number = |value: &Value| value.as_f64().map(|value| value as f32).filter(|x| x.is_finite() && fits(*x));
        let numbers = match self.settings.get(key) {
            Some(Value::Array(list)) => list.iter().map(number).collect(),
            Some(one) => number(one).map(|number| vec![number]),
            None => None,
        };
        let sound = numbers.filter(|numbers: &Vec<f32>| matches!(numbers.len(), 1 | 3));
        if sound.is_none() {
            self.problem(key, "is a number, or one for each channel");
        }
        sound.unwrap_or_default()
    }
}

fn side(value: &Value) -> Option<usize> {
    value.as_u64().filter(|side| (1..=LONGEST_SIDE).contains(side)).map(|side| side as usize)
}

/// `{height, width}` and nothing else.
fn exact(sides: &Map<String, Value>) -> Option<(usize, usize)> {
    let of = |key: &str| sides.get(key).and_then(side);
    (sides.len() == 2).then(|| of("height").zip(of("width"))).flatten()
}

#[cfg(test)]
#[path = "preprocessor_tests.rs"]
mod tests;
