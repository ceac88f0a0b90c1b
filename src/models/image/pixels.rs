//! A picture as bytes: read from a file with limits, since a small file may claim to be a huge picture.

use crate::models::onnx::quiet;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

/// The largest file that is read as a picture.
const FILE_BYTES: u64 = 64 << 20;
/// The most pixels: about those of the largest cameras.
const MOST_PIXELS: u64 = 1 << 26;
/// The longest side.
const LONGEST_SIDE: u32 = 1 << 16;
/// What decoding may take of memory.
const DECODER_BYTES: u64 = 1 << 29;

/// A picture: rows from the top, pixels from the left, the channels of a pixel side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pixels {
    pub(super) width: usize,
    pub(super) height: usize,
    /// 3 of red, green and blue, or 1 of light.
    pub(super) channels: usize,
    pub(super) bytes: Vec<u8>,
}

impl Pixels {
    /// The middle, of this height and width; what it lacks is black all around.
    pub(super) fn cropped(&self, height: usize, width: usize) -> Pixels {
        let (down, right) = (start(self.height, height), start(self.width, width));
        let mut bytes = vec![0; height * width * self.channels];
        // The columns that both have, as places in the new picture.
        let from = (-right).max(0);
        let to = (self.width as i64 - right).min(width as i64);
        for (row, line) in bytes.chunks_exact_mut((width * self.channels).max(1)).enumerate() {
            let above = row as i64 + down;
            if !(0..self.height as i64).contains(&above) || from >= to {
                continue;
            }
            let source = (above as usize * self.width + (from + right) as usize) * self.channels;
            let place = from as usize * self.channels..to as usize * self.channels;
            let length = place.len();
            line[place].copy_from_slice(&self.bytes[source..source + length]);
        }
        Pixels { width, height, channels: self.channels, bytes }
    }
}

/// Where a side of this length begins so that it stands in the middle of another. Below 0 where it is longer; an
/// odd pixel of filling then goes before, as `transformers` has it.
fn start(side: usize, kept: usize) -> i64 {
    (side as i64 - kept as i64).div_euclid(2)
}

/// The bytes of a file, or why it cannot be a picture.
pub(super) fn file(path: &Path) -> Result<Vec<u8>, String> {
    // Asked before it is opened: a named pipe would never end, nor even begin.
    let found = path.metadata().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        _ => format!("the file cannot be read ({error})"),
    })?;
    match found.len() {
        _ if !found.is_file() => Err("it is not a file".into()),
        0 => Err("the file is empty".into()),
        bytes if bytes > FILE_BYTES => Err(format!("the file is larger than {} MiB", FILE_BYTES >> 20)),
        bytes => {
            let mut read = Vec::with_capacity(bytes as usize);
            let file = File::open(path).and_then(|file| file.take(FILE_BYTES).read_to_end(&mut read));
            file.map(|_| read).map_err(|error| format!("the file cannot be read ({error})"))
        }
    }
}

/// Decodes a picture into so many channels. The first of several frames; turned as its own note of orientation says.
pub(super) fn decoded(bytes: &[u8], channels: usize) -> Result<Pixels, String> {
    if bytes.is_empty() {
        return Err("it is empty".into());
    }
    let picture = quiet::catch(|| decode(bytes)).and_then(|read| read).map_err(|cause| short(&cause))?;
    Ok(converted(&picture, channels))
}

fn decode(bytes: &[u8]) -> Result<DynamicImage, String> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|error| error.to_string())?;
    if reader.format().is_none() {
        return Err("it is not a picture in PNG, JPEG, WebP, GIF or BMP".into());
    }
    let mut decoder = reader.into_decoder().map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS || width.max(height) > LONGEST_SIDE {
        return Err(format!("it claims to be {width} by {height} pixels, more than is read"));
    }
    if width == 0 || height == 0 {
        return Err("it has no pixels".into());
    }
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(LONGEST_SIDE), Some(LONGEST_SIDE));
    limits.max_alloc = Some(DECODER_BYTES);
    decoder.set_limits(limits).map_err(|error| error.to_string())?;
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| error.to_string())?;
    picture.apply_orientation(turned);
    Ok(picture)
}

/// Colours without transparency, or their light as Pillow's `L` has it (ITU-R 601-2).
fn converted(picture: &DynamicImage, channels: usize) -> Pixels {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let light = |pixel: &[u8]| {
        let [red, green, blue] = [0, 1, 2].map(|at| u32::from(pixel[at]));
        ((red * 19_595 + green * 38_470 + blue * 7_471 + (1 << 15)) >> 16) as u8
    };
    let bytes = match (channels, picture) {
        (1, DynamicImage::ImageLuma8(grey)) => grey.as_raw().clone(),
        (1, _) => picture.to_rgb8().as_raw().chunks_exact(3).map(light).collect(),
        _ => picture.to_rgb8().into_raw(),
    };
    Pixels { width, height, channels, bytes }
}

/// A decoder's message on one line.
fn short(cause: &str) -> String {
    let line = cause.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(120).collect()
}

#[cfg(test)]
#[path = "pixels_tests.rs"]
mod tests;
