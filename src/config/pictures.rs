//! Reads how a column of pictures fills an input.

use super::problem::quoted;
use super::reader::Reader;
use crate::models::ImageSpec;

/// How pictures become numbers: `preprocessor` and `unreadable` go with `image`, and an image with a preprocessor.
pub fn read(input: &Reader) -> Option<ImageSpec> {
    let preprocessor = input.text("preprocessor");
    let unreadable =
        input.number("unreadable", "from 0 to 1: a share of the rows", |share| (0.0..=1.0).contains(&share));
    if input.has("image") {
        input.require("preprocessor", "name the preprocessor_config.json that was saved with the model");
    }
    for key in ["preprocessor", "unreadable"].into_iter().filter(|key| input.has(key) && !input.has("image")) {
        let problem = input.at(key, format!("{} goes with `image`", quoted(key)));
        input.report(problem.help("name the column of pictures, paths or bytes: image = \"picture\""));
    }
    Some(ImageSpec { preprocessor: preprocessor.filter(|_| input.has("image"))?, unreadable })
}
