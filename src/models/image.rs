//! A column of pictures and the input of a model that they fill: decoded, prepared as the model's own
//! preprocessor did, and laid out as its signature asks.
//!
//! A picture that cannot be read is no error here: its row is named, and whoever counts leaves it out.

mod pixels;
mod preprocessor;
mod resample;

use super::inputs::{Feed, key, suggestion};
use super::{Element, ImageSpec, InputColumns, InputSpec, OnnxSpec, Piece, Port, Shape, Signature, Tensor};
use crate::data::{ColumnInfo, ColumnKind, DataError, Want};
use ndarray::{ArrayD, IxDyn};
use pixels::Pixels;
use preprocessor::{Preprocessor, Size};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows in a chunk where a model reads pictures, each of which is some hundred thousand numbers.
pub const IMAGE_CHUNK: usize = 32;

/// The share of rows whose picture may be unreadable where the audit says nothing.
const UNREADABLE: f64 = 0.01;
/// The most numbers that one batch may hold: 2 GiB of float32.
const MOST_NUMBERS: u64 = 1 << 29;
/// The most pixels of a picture that was made larger.
const MOST_PIXELS: usize = 1 << 26;
/// Characters of a file's name that are told.
const NAME: usize = 80;

/// A picture that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Its row in the chunk.
    pub row: usize,
    /// The name of its file, without folders; `None` where the column holds the bytes themselves.
    pub file: Option<String>,
    /// What is wrong with it.
    pub cause: String,
}

/// How an input lays out the numbers of a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Layout {
    channels: usize,
    height: usize,
    width: usize,
    /// The channels of a pixel stand side by side: [N, H, W, C].
    channels_last: bool,
}

/// What becomes of a byte of a picture.
#[derive(Debug, Clone, PartialEq)]
enum Levels {
    /// The number of each byte, for each channel.
    Numbers(Arc<Vec<Vec<f32>>>),
    /// Nothing: the model takes bytes.
    Bytes,
}

/// A column of pictures, how they are prepared and what they fill.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ImageFeed {
    column: String,
    input: String,
    /// The column holds the pictures' bytes; else paths from `folder`.
    bytes: bool,
    folder: PathBuf,
    preprocessor: PathBuf,
    steps: Preprocessor,
    layout: Layout,
    levels: Levels,
    allowed: f64,
}

/// Whether a port has the shape of pictures.
pub(crate) fn is_of_images(port: &Port) -> bool {
    let few = |dim: &Option<u64>| matches!(dim, Some(1 | 3));
    matches!(&port.shape, Shape::Tensor(element, dims)
        if (element.is_floating() || *element == Element::UInt8) && dims.len() == 4 && (few(&dims[1]) || few(&dims[3])))
}

/// What the audit file must say for an input of pictures.
pub(crate) fn image_advice(name: &str) -> String {
    format!("inputs.{} = {{ image = \"...\", preprocessor = \"preprocessor_config.json\" }}", key(name))
}

impl ImageFeed {
    /// Reads the preprocessor and settles how pictures are laid out; `None` where no input takes any.
    pub(super) fn plan(
        spec: &OnnxSpec,
        signature: &Signature,
        columns: &[ColumnInfo],
        root: &Path,
    ) -> Result<Option<ImageFeed>, Vec<String>> {
        let mut images = signature.inputs.iter().filter_map(|port| Some((port, image_of(spec, port)?)));
        let Some((port, (column, image))) = images.next() else { return Ok(None) };
        if let Some((other, _)) = images.next() {
            return Err(vec![format!(
                "inputs {} and {} both take pictures; one of a model can",
                port.name, other.name
            )]);
        }
        let found = check_column(port, column, columns).map_err(|problem| vec![problem])?;
        let preprocessor = root.join(&image.preprocessor);
        let steps = Preprocessor::open(&preprocessor)?;
        let layout = layout(port, steps.shape()).map_err(|problem| vec![problem])?;
        let levels = Levels::plan(&steps, port, layout.channels)
            .map_err(|problem| vec![format!("input {}: {problem}", port.name)])?;
        Ok(Some(ImageFeed {
            column: column.to_owned(),
            input: port.name.clone(),
            bytes: found.is_bytes(),
            folder: PathBuf::new(),
            preprocessor,
            steps,
            layout,
            levels,
            allowed: image.unreadable.unwrap_or(UNREADABLE),
        }))
    }

    pub(super) fn fills(&self, name: &str) -> bool {
        self.input == name
    }

    /// The column, and how it is read.
    pub(super) fn column(&self) -> (String, Want) {
        (self.column.clone(), if self.bytes { Want::Bytes } else { Want::Text })
    }

    /// What the audit file left open, and what hashes do not cover.
    pub(super) fn notes(&self) -> Vec<String> {
        let Layout { channels, height, width, channels_last } = self.layout;
        let order = if channels_last { "[N, H, W, C]" } else { "[N, C, H, W]" };
        let kind = if channels == 1 { "light" } else { "red, green and blue" };
        let laid = format!("input {} takes {width} by {height} pixels of {kind}, as {order}", self.input);
        let files = (!self.bytes).then(|| {
            format!(
                "pictures are the files that column {} names, from the data's folder; they are not hashed",
                self.column
            )
        });
        std::iter::once(laid).chain(files).collect()
    }

    /// The pictures of all rows as one tensor of `chunk_rows` rows, and those that could not be read, which are 0.
    pub(super) fn read(&self, pieces: &[Piece], chunk_rows: usize) -> Result<(Tensor, Vec<Unread>), DataError> {
        Ok(match &self.levels {
            Levels::Numbers(levels) => {
                let level = |channel: usize, byte: u8| levels[channel][usize::from(byte)];
                let (array, unread) = self.filled(pieces, chunk_rows, level)?;
                (Tensor::F32(array), unread)
            }
            Levels::Bytes => {
                let (array, unread) = self.filled(pieces, chunk_rows, |_, byte| byte)?;
                (Tensor::U8(array), unread)
            }
        })
    }

    fn filled<T: Copy + Default>(
        &self,
        pieces: &[Piece],
        chunk_rows: usize,
        level: impl Fn(usize, u8) -> T,
    ) -> Result<(ArrayD<T>, Vec<Unread>), DataError> {
        let Layout { channels, height, width, channels_last } = self.layout;
        let volume = channels * height * width;
        let mut cells = vec![T::default(); chunk_rows * volume];
        let mut unread = Vec::new();
        let mut rows = cells.chunks_exact_mut(volume).enumerate();
        let mut one = |file: Option<String>, picture: Result<Pixels, String>| {
            let Some((row, cells)) = rows.next() else { return };
            match picture {
                Ok(picture) => self.write(&picture, cells, &level),
                Err(cause) => unread.push(Unread { row, file, cause }),
            }
        };
        for (table, range) in pieces {
            if self.bytes {
                table.each_bytes(&self.column, range.clone(), |bytes| one(None, self.of_bytes(bytes)))?;
            } else {
                let paths = table.texts(&self.column, range.clone())?;
                paths.iter().for_each(|path| one(path.as_deref().map(name), self.of_path(path.as_deref())));
            }
        }
        let filled = pieces.iter().map(|(_, range)| range.len()).sum::<usize>() * volume;
        super::fill::repeat_last(&mut cells, filled, volume);
        let shape =
            if channels_last { [chunk_rows, height, width, channels] } else { [chunk_rows, channels, height, width] };
        let array = ArrayD::from_shape_vec(IxDyn(&shape), cells).map_err(|error| DataError(error.to_string()))?;
        Ok((array, unread))
    }

    pub(super) fn input(&self) -> &str {
        &self.input
    }

    fn of_path(&self, path: Option<&str>) -> Result<Pixels, String> {
        match path {
            None | Some("") => Err("no file is named".into()),
            Some(path) if path.contains("://") => Err("it is a web address, and only files are read".into()),
            Some(path) => self.of_bytes(Some(&pixels::file(&self.folder.join(path))?)),
        }
    }

    fn of_bytes(&self, bytes: Option<&[u8]>) -> Result<Pixels, String> {
        let bytes = bytes.ok_or("there are no bytes")?;
        self.prepared(pixels::decoded(bytes, self.layout.channels)?)
    }

    fn prepared(&self, mut picture: Pixels) -> Result<Pixels, String> {
        if let Some((size, how)) = self.steps.resize {
            let (height, width) = scaled(&picture, size);
            if height.saturating_mul(width) > MOST_PIXELS {
                return Err(format!("it is {} by {} pixels, too long for its width", picture.width, picture.height));
            }
            picture = resample::resized(picture, width, height, how);
        }
        if let Some((height, width)) = self.steps.crop {
            picture = picture.cropped(height, width);
        }
        let Layout { height, width, .. } = self.layout;
        match (picture.height, picture.width) == (height, width) {
            true => Ok(picture),
            false => Err(format!(
                "it is {} by {} pixels, the model takes {width} by {height}, and the preprocessor does not resize",
                picture.width, picture.height
            )),
        }
    }

    fn write<T>(&self, picture: &Pixels, cells: &mut [T], level: &impl Fn(usize, u8) -> T) {
        let Layout { channels, height, width, channels_last } = self.layout;
        for (pixel, bytes) in picture.bytes.chunks_exact(channels).enumerate() {
            for (channel, &byte) in bytes.iter().enumerate() {
                let place = if channels_last { pixel * channels + channel } else { channel * height * width + pixel };
                cells[place] = level(channel, byte);
            }
        }
    }
}

impl Feed {
    /// Lets the paths of pictures start from the folder of the data's files, which must be one.
    pub fn look_beside(&mut self, files: &[PathBuf]) -> Result<(), String> {
        let Some(image) = self.image.as_mut().filter(|image| !image.bytes) else { return Ok(()) };
        let mut folders: Vec<&Path> = files.iter().filter_map(|file| file.parent()).collect();
        folders.dedup();
        match folders[..] {
            [folder] => {
                image.folder = folder.to_owned();
                Ok(())
            }
            _ => Err(format!(
                "the paths of column {} start from the data's folder, and the data's files lie in several; put them into one",
                image.column
            )),
        }
    }

    /// The preprocessor's file.
    pub fn preprocessor(&self) -> Option<&Path> {
        self.image.as_ref().map(|image| image.preprocessor.as_path())
    }

    /// The share of rows whose picture may be unreadable.
    pub fn unreadable(&self) -> Option<f64> {
        self.image.as_ref().map(|image| image.allowed)
    }
}

/// The column and the preprocessor of an input that takes pictures.
fn image_of<'a>(spec: &'a OnnxSpec, port: &Port) -> Option<(&'a str, &'a ImageSpec)> {
    let InputSpec { columns: InputColumns::Column(column), image: Some(image), .. } = spec.inputs.get(&port.name)?
    else {
        return None;
    };
    Some((column, image))
}

fn check_column<'a>(port: &Port, name: &str, columns: &'a [ColumnInfo]) -> Result<&'a ColumnInfo, String> {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    match columns.iter().find(|column| column.name == name) {
        None => Err(format!("input {}: there is no column {name}{}", port.name, suggestion(name, &names))),
        Some(column) if column.kind == ColumnKind::Text || column.is_bytes() => Ok(column),
        Some(column) => {
            let way = if column.dtype == "struct" { "; store its field `bytes` as a column of its own" } else { "" };
            Err(format!(
                "input {} takes pictures, as a column of paths or of bytes, and column {name} holds {}{way}",
                port.name, column.dtype
            ))
        }
    }
}

/// Channels stand where the signature has 1 or 3; where that is open, before height and width.
fn layout(port: &Port, prepared: Option<(usize, usize)>) -> Result<Layout, String> {
    let refused = |why: &str| Err(format!("input {} is {}, and {why}", port.name, port.shape));
    let Shape::Tensor(element, dims) = &port.shape else { return refused("pictures fill tensors") };
    if !matches!(element, Element::Float32 | Element::Float16 | Element::UInt8) {
        return refused("pictures fill float32, float16 and uint8");
    }
    let [batch, one, two, three] = match dims[..] {
        [] => [None; 4],
        [batch, one, two, three] => [batch, one, two, three],
        _ => return refused("pictures fill four dimensions: [N, C, H, W] or [N, H, W, C]"),
    };
    let few = |dim: Option<u64>| matches!(dim, Some(1 | 3));
    let channels_last = few(three) && !few(one);
    let [channels, height, width] = if channels_last { [three, one, two] } else { [one, two, three] };
    let channels = channels.unwrap_or(3);
    if !matches!(channels, 1 | 3) {
        return refused("pictures have 3 channels, or 1 of light");
    }
    let (height, width) = match (prepared, height.zip(width)) {
        (Some((tall, wide)), _)
            if height.is_none_or(|h| h == tall as u64) && width.is_none_or(|w| w == wide as u64) =>
        {
            (tall as u64, wide as u64)
        }
        (Some((tall, wide)), _) => {
            return refused(&format!("its preprocessor makes pictures of {wide} by {tall} pixels"));
        }
        (None, Some(own)) => own,
        (None, None) => {
            return refused(
                "its preprocessor leaves pictures of different sizes; say size = {height, width}, or a crop_size",
            );
        }
    };
    let numbers =
        [batch.unwrap_or(IMAGE_CHUNK as u64), channels, height, width].into_iter().try_fold(1u64, u64::checked_mul);
    if numbers.is_none_or(|numbers| numbers > MOST_NUMBERS) {
        return refused("so many numbers at once do not fit in memory");
    }
    let [channels, height, width] = [channels, height, width].map(|size| size as usize);
    Ok(Layout { channels, height, width, channels_last })
}

impl Levels {
    /// By the type of the input that pictures fill.
    fn plan(steps: &Preprocessor, port: &Port, channels: usize) -> Result<Levels, String> {
        let takes_bytes = matches!(port.shape, Shape::Tensor(Element::UInt8, _));
        match takes_bytes {
            false => levels(steps, channels).map(|levels| Levels::Numbers(Arc::new(levels))),
            true if steps.factor.is_none() && steps.normal.is_none() => Ok(Levels::Bytes),
            true => Err("it is uint8 and takes pixels as they are, and its preprocessor rescales or normalises them; \
                         say \"do_rescale\": false and \"do_normalize\": false"
                .into()),
        }
    }
}

/// In float32 as numpy has it: the factor rounded once, then mean and deviation.
fn levels(steps: &Preprocessor, channels: usize) -> Result<Vec<Vec<f32>>, String> {
    let of = |numbers: &[f32], channel: usize| {
        numbers.get(channel).or(numbers.first().filter(|_| numbers.len() == 1)).copied()
    };
    let scaled = |byte: u8| steps.factor.map_or(f32::from(byte), |factor| (f64::from(byte) * factor) as f32);
    let level = |channel: usize| match &steps.normal {
        None => Some((0..=u8::MAX).map(scaled).collect()),
        Some((means, deviations)) => {
            let fits = |numbers: &[f32]| matches!(numbers.len(), 1) || numbers.len() == channels;
            let (mean, deviation) =
                of(means, channel).zip(of(deviations, channel)).filter(|_| fits(means) && fits(deviations))?;
            Some((0..=u8::MAX).map(|byte| (scaled(byte) - mean) / deviation).collect())
        }
    };
    let all: Option<Vec<Vec<f32>>> = (0..channels).map(level).collect();
    all.ok_or_else(|| {
        format!("the model takes {channels} channels, and image_mean or image_std has another number of them")
    })
}

/// Height and width; the longer side is cut to whole pixels.
fn scaled(picture: &Pixels, size: Size) -> (usize, usize) {
    match size {
        Size::Exact { height, width } => (height, width),
        Size::Shortest(edge) => {
            let long = |short: usize, long: usize| (edge as u64 * long as u64 / short as u64) as usize;
            match picture.width <= picture.height {
                true => (long(picture.width, picture.height), edge),
                false => (edge, long(picture.height, picture.width)),
            }
        }
    }
}

/// A path's last part.
fn name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or_default().chars().take(NAME).collect()
}

#[cfg(test)]
#[path = "image/tests.rs"]
mod tests;
