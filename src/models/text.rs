//! Texts become tokens, by the tokenizer that came with a model. The only place that knows `tokenizers`.
//!
//! Truncation is the audit's, else the tokenizer's own; padding is added by whoever makes a batch, so
//! whatever the file says of it but the token is left aside.

use super::ModelError;
use super::onnx::quiet;
use std::path::{Path, PathBuf};
use tokenizers::{Encoding, PaddingDirection, PostProcessor, Tokenizer, TruncationDirection, TruncationParams};

/// Tokens of a row where neither the audit nor the tokenizer says how many.
const USUAL_LENGTH: usize = 512;
/// More tokens than any model reads.
const LONGEST: usize = 1 << 20;
/// Bytes of a long text that are tried first; its later words are read only if tokens are still wanting.
const FIRST_TRY: usize = 1 << 16;

/// What stands where a row has no more tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Padding {
    pub(super) id: u32,
    pub(super) kind: u32,
    /// Whether it comes before the tokens.
    pub(super) left: bool,
}

/// The tokens of one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// The tokens.
    pub ids: Vec<u32>,
    /// The type of each, 0 for a single text as a rule.
    pub kinds: Vec<u32>,
    /// Whether the text had more tokens than are kept.
    pub cut: bool,
}

/// Tokens, whether each is a mark, and the place of the word that it is of.
pub(super) type Marked = (Tokens, Vec<bool>, Vec<Option<u32>>);

/// A tokenizer, ready to read texts.
#[derive(Debug)]
pub struct TextReader {
    tokenizer: Tokenizer,
    file: PathBuf,
    length: usize,
    padding: Padding,
    vocabulary: u64,
}

/// The same file and length read the same tokens.
impl PartialEq for TextReader {
    fn eq(&self, other: &TextReader) -> bool {
        self.file == other.file && self.length == other.length
    }
}

impl TextReader {
    /// Reads `tokenizer.json`; `length` is the most tokens of a row, special ones counted.
    pub fn open(file: &Path, length: Option<usize>) -> Result<TextReader, ModelError> {
        let shown = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = std::fs::read(file)
            .map_err(|error| ModelError(format!("tokenizer {} cannot be read: {error}", file.display())))?;
        let read = quiet::catch(|| Tokenizer::from_bytes(&bytes).map_err(|error| error.to_string()));
        let tokenizer = read.and_then(|read| read).map_err(|cause| {
            ModelError(format!("{shown} is no tokenizer.json of Hugging Face tokenizers: {cause}. Save it with tokenizer.save_pretrained."))
        })?;
        TextReader::new(tokenizer, file, length).map_err(|cause| ModelError(format!("tokenizer {shown}: {cause}")))
    }

    fn new(mut tokenizer: Tokenizer, file: &Path, length: Option<usize>) -> Result<TextReader, String> {
        let own = tokenizer.get_truncation().cloned();
        let length = length.or(own.as_ref().map(|own| own.max_length)).unwrap_or(USUAL_LENGTH);
        let special = tokenizer.get_post_processor().map_or(0, |last| last.added_tokens(false));
        if length <= special || length > LONGEST {
            return Err(format!("max_length is {length}, and it takes from {} to {LONGEST} tokens", special + 1));
        }
        let direction = own.map_or(TruncationDirection::Right, |own| own.direction);
        let truncation = TruncationParams { max_length: length, direction, stride: 0, ..TruncationParams::default() };
        let padding = padding(&tokenizer);
        tokenizer.with_truncation(Some(truncation)).map_err(|error| error.to_string())?;
        tokenizer.with_padding(None);
        let vocabulary = tokenizer.get_vocab(true).into_values().max().map_or(0, |id| u64::from(id) + 1);
        Ok(TextReader { tokenizer, file: file.to_owned(), length, padding, vocabulary })
    }

    /// The file that it was read from.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The most tokens of a row.
    pub fn length(&self) -> usize {
        self.length
    }

    /// One more than the largest token.
    pub fn vocabulary(&self) -> u64 {
        self.vocabulary
    }

    pub(super) fn padding(&self) -> Padding {
        self.padding
    }

    /// The tokens of a text. Of a very long one only as much is read as is needed.
    pub fn read(&self, text: &str) -> Result<Tokens, String> {
        let mut most = FIRST_TRY.max(64 * self.length);
        while most < text.len() && !self.keeps_the_end() {
            let tokens = self.whole(start(text, most))?;
            if tokens.cut {
                return Ok(tokens);
            }
            most *= 4;
        }
        self.whole(text)
    }

    /// The tokens of a short text, and of each whether it is a mark that the tokenizer adds, and its word.
    pub(super) fn read_marked(&self, text: &str) -> Result<Marked, String> {
        // The quick way does not know words.
        let encode = || self.tokenizer.encode(text, true).map_err(|error| error.to_string());
        let encoding = quiet::catch(encode).and_then(|read| read)?;
        let marks = encoding.get_special_tokens_mask().iter().map(|&mark| mark != 0).collect();
        Ok((tokens(&encoding), marks, encoding.get_word_ids().to_vec()))
    }

    /// The token of that name.
    pub(super) fn token(&self, name: &str) -> Option<u32> {
        self.tokenizer.token_to_id(name)
    }

    fn keeps_the_end(&self) -> bool {
        self.tokenizer.get_truncation().is_some_and(|own| matches!(own.direction, TruncationDirection::Left))
    }

    fn whole(&self, text: &str) -> Result<Tokens, String> {
        Ok(tokens(&self.encode(text)?))
    }

    fn encode(&self, text: &str) -> Result<Encoding, String> {
        quiet::catch(|| self.tokenizer.encode_fast(text, true).map_err(|error| error.to_string())).and_then(|read| read)
    }
}

fn tokens(encoding: &Encoding) -> Tokens {
    Tokens {
        ids: encoding.get_ids().to_vec(),
        kinds: encoding.get_type_ids().to_vec(),
        cut: !encoding.get_overflowing().is_empty(),
    }
}

/// As the file says, else its token for padding, else 0.
fn padding(tokenizer: &Tokenizer) -> Padding {
    let own = tokenizer.get_padding();
    let usual = || ["[PAD]", "<pad>", "<|endoftext|>"].iter().find_map(|token| tokenizer.token_to_id(token));
    Padding {
        id: own.map(|own| own.pad_id).or_else(usual).unwrap_or(0),
        kind: own.map_or(0, |own| own.pad_type_id),
        left: own.is_some_and(|own| matches!(own.direction, PaddingDirection::Left)),
    }
}

/// About the first `most` bytes, to the end of a word where there is one.
fn start(text: &str, most: usize) -> &str {
    let head = &text[..text.floor_char_boundary(most)];
    head.rfind(char::is_whitespace).filter(|&end| end > 0).map_or(head, |end| &head[..end])
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
