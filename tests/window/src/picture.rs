//! What is on the screen, from the display's own memory: also what the driver cannot see, and without asking it.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// Red, green and blue of every pixel, line by line.
pub struct Picture {
    width: usize,
    lines: Vec<Vec<u8>>,
}

/// Fields of the header of the X window dump, in units of four bytes (`XWDFile.h`).
const HEADER_SIZE: usize = 0;
const WIDTH: usize = 4;
const HEIGHT: usize = 5;
const BITS_PER_PIXEL: usize = 11;
const BYTES_PER_LINE: usize = 12;
const COLORS: usize = 19;
/// Bytes of one entry of the colour map, which lies between header and pixels.
const COLOR_SIZE: usize = 12;

impl Picture {
    /// Reads an X window dump with 32 bits for each pixel, least significant byte first, as Xvfb keeps it.
    pub(crate) fn parse(dump: &[u8]) -> Self {
        let field = |at: usize| {
            usize::try_from(u32::from_be_bytes(dump[at * 4..at * 4 + 4].try_into().unwrap())).unwrap()
        };
        assert_eq!(field(BITS_PER_PIXEL), 32, "the display has another depth than was asked for");
        let begin = field(HEADER_SIZE) + field(COLORS) * COLOR_SIZE;
        let lines = dump[begin..].chunks_exact(field(BYTES_PER_LINE)).take(field(HEIGHT));
        let width = field(WIDTH);
        let colors = |line: &[u8]| {
            line.chunks_exact(4).take(width).flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect()
        };
        Self { width, lines: lines.map(colors).collect() }
    }

    /// The upper left part.
    #[must_use]
    pub fn cropped(mut self, width: usize, height: usize) -> Self {
        self.width = width.min(self.width);
        self.lines.truncate(height);
        for line in &mut self.lines {
            line.truncate(self.width * 3);
        }
        self
    }

    /// Writes a PNG file.
    pub fn save(&self, file: &Path) {
        let (width, height) = (u32::try_from(self.width).unwrap(), u32::try_from(self.lines.len()).unwrap());
        let mut encoder = png::Encoder::new(BufWriter::new(File::create(file).unwrap()), width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Fast);
        encoder.write_header().unwrap().write_image_data(&self.lines.concat()).unwrap();
    }
}
