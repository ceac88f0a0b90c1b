//! Pictures of another size, to the byte as Pillow makes them: what the preprocessor of a model was run with.
//!
//! Each pixel is a weighted mean of those that its own area covers, so that a picture made smaller does not
//! alias. Two passes, first along the rows, with weights in fixed point; bytes stand between them.

use super::pixels::Pixels;
use std::f64::consts::PI;

/// Bits behind the point of a weight: a byte times a weight, and the sum of them, fit 32 bits with room to spare.
const BITS: u32 = 22;

/// How pixels are weighed; the numbers are Pillow's, which `preprocessor_config.json` writes as `resample`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::models) enum Resample {
    Nearest,
    Lanczos,
    Bilinear,
    Bicubic,
    Box,
    Hamming,
}

impl Resample {
    /// By Pillow's number.
    pub(super) fn of(number: u64) -> Option<Resample> {
        use Resample::{Bicubic, Bilinear, Box, Hamming, Lanczos, Nearest};
        [Nearest, Lanczos, Bilinear, Bicubic, Box, Hamming].get(usize::try_from(number).ok()?).copied()
    }

    /// How far the filter reaches, in pixels of the smaller picture.
    fn reach(self) -> f64 {
        match self {
            Resample::Nearest | Resample::Box => 0.5,
            Resample::Bilinear | Resample::Hamming => 1.0,
            Resample::Bicubic => 2.0,
            Resample::Lanczos => 3.0,
        }
    }

    /// The weight at a distance; Keys (1981) with a = -1/2 for bicubic.
    fn weight(self, distance: f64) -> f64 {
        let x = distance.abs();
        match self {
            Resample::Nearest | Resample::Box => f64::from(u8::from(distance > -0.5 && distance <= 0.5)),
            Resample::Bilinear => (1.0 - x).max(0.0),
            Resample::Hamming if x >= 1.0 => 0.0,
            Resample::Hamming => sinc(x) * (f64::from(0.54_f32) + f64::from(0.46_f32) * (PI * x).cos()),
            Resample::Bicubic if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
            Resample::Bicubic if x < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * -0.5,
            Resample::Lanczos if (-3.0..3.0).contains(&distance) => sinc(x) * sinc(x / 3.0),
            Resample::Bicubic | Resample::Lanczos => 0.0,
        }
    }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

/// The picture at this width and height, both above 0.
pub(super) fn resized(picture: Pixels, width: usize, height: usize, how: Resample) -> Pixels {
    if how == Resample::Nearest {
        return nearest(&picture, width, height);
    }
    let wide = if width == picture.width { picture } else { along_rows(&picture, &taps(picture.width, width, how)) };
    if height == wide.height { wide } else { along_columns(&wide, &taps(wide.height, height, how)) }
}

/// The pixels that one new pixel is made of: the first, and the weight of each from there on.
struct Tap {
    first: usize,
    weights: Vec<i32>,
}

fn taps(before: usize, after: usize, how: Resample) -> Vec<Tap> {
    let scale = before as f64 / after as f64;
    let stretch = scale.max(1.0);
    let reach = how.reach() * stretch;
    let tap = |at: usize| {
        let centre = (at as f64 + 0.5) * scale;
        // A cast cuts towards 0, and below 0 gives 0.
        let first = (centre - reach + 0.5) as usize;
        let end = ((centre + reach + 0.5) as usize).min(before);
        let weight = |pixel: usize| how.weight((pixel as f64 - centre + 0.5) * (1.0 / stretch));
        let weights: Vec<f64> = (first..end).map(weight).collect();
        // Added one after another, as is the sum that it is compared with.
        let sum = weights.iter().fold(0.0, |sum, weight| sum + weight);
        let fixed = |weight: &f64| {
            let scaled = (if sum == 0.0 { *weight } else { weight / sum }) * f64::from(1_u32 << BITS);
            (scaled + 0.5_f64.copysign(scaled)) as i32
        };
        Tap { first, weights: weights.iter().map(fixed).collect() }
    };
    (0..after).map(tap).collect()
}

fn along_rows(picture: &Pixels, taps: &[Tap]) -> Pixels {
    let channels = picture.channels;
    let mut bytes = Vec::with_capacity(taps.len() * picture.height * channels);
    for row in picture.bytes.chunks_exact(picture.width * channels) {
        for tap in taps {
            for channel in 0..channels {
                let at = |step: usize| row[(tap.first + step) * channels + channel];
                bytes.push(weighed(tap, at));
            }
        }
    }
    Pixels { width: taps.len(), bytes, ..*picture }
}

fn along_columns(picture: &Pixels, taps: &[Tap]) -> Pixels {
    let line = picture.width * picture.channels;
    let mut bytes = Vec::with_capacity(line * taps.len());
    for tap in taps {
        bytes.extend((0..line).map(|place| weighed(tap, |step| picture.bytes[(tap.first + step) * line + place])));
    }
    Pixels { height: taps.len(), bytes, ..*picture }
}

/// The weighted mean of some bytes, rounded, within 0 and 255.
#[inline]
fn weighed(tap: &Tap, byte: impl Fn(usize) -> u8) -> u8 {
    let half = 1 << (BITS - 1);
    let sum = tap
        .weights
        .iter()
        .enumerate()
        .fold(half, |sum: i32, (step, weight)| sum.wrapping_add(weight.wrapping_mul(i32::from(byte(step)))));
    (sum >> BITS).clamp(0, 255) as u8
}

fn nearest(picture: &Pixels, width: usize, height: usize) -> Pixels {
    let (columns, rows) = (places(picture.width, width), places(picture.height, height));
    let channels = picture.channels;
    let pixel = |(row, column): (usize, usize)| {
        let from = (row * picture.width + column) * channels;
        picture.bytes[from..from + channels].iter().copied()
    };
    let at = |row: &usize| columns.iter().map(|&column| (*row, column)).collect::<Vec<_>>();
    let bytes = rows.iter().flat_map(at).flat_map(pixel).collect();
    Pixels { width, height, channels, bytes }
}

/// Which pixel each new one is. The place is added up step by step, as Pillow does, since a product would fall on
/// the other side of a border now and then.
fn places(before: usize, after: usize) -> Vec<usize> {
    let step = before as f64 / after as f64;
    let centres = std::iter::successors(Some(step * 0.5), |place| Some(place + step));
    centres.take(after).map(|place| (place as usize).min(before - 1)).collect()
}

#[cfg(test)]
#[path = "resample_tests.rs"]
mod tests;
