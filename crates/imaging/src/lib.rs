//! Pictures made anew: decoded within limits, turned upright, and written without anything but what is seen (security
//! F8).
//!
//! What somebody uploads as a picture may be a decompression bomb, carry the place where it was taken, or be something
//! else that only begins like a picture. What comes out of here was written by our own encoder from pixels.

use std::io::Cursor;

use image::codecs::gif::{GifDecoder, GifEncoder, Repeat};
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::PngDecoder;
use image::codecs::webp::{WebPDecoder, WebPEncoder};
use image::{AnimationDecoder, DynamicImage, ImageDecoder, ImageError, ImageFormat, Limits as DecoderLimits};

/// Quality of a JPEG that is written: differences to the original cannot be seen, and it is mostly smaller.
const JPEG_QUALITY: u8 = 88;
/// How thoroughly the colours of a GIF's frames are chosen, from 1 (slowest) to 30.
const GIF_SPEED: i32 = 20;

/// A type of picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG; of a moving one the first frame stays.
    Png,
    /// GIF, moving or not.
    Gif,
    /// WebP, written without loss; of a moving one the first frame stays.
    WebP,
}

impl Format {
    /// By its media type, such as `image/png`.
    pub fn of_media(media: &str) -> Option<Self> {
        match media {
            "image/jpeg" => Some(Self::Jpeg),
            "image/png" => Some(Self::Png),
            "image/gif" => Some(Self::Gif),
            "image/webp" => Some(Self::WebP),
            _ => None,
        }
    }

    fn known(self) -> ImageFormat {
        match self {
            Self::Jpeg => ImageFormat::Jpeg,
            Self::Png => ImageFormat::Png,
            Self::Gif => ImageFormat::Gif,
            Self::WebP => ImageFormat::WebP,
        }
    }
}

/// How much a picture may be. What is over is refused before it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Width times height.
    pub pixels: u64,
    /// Frames of a moving picture.
    pub frames: usize,
}

impl Limits {
    /// Bytes of a picture in memory: four for each pixel.
    fn bytes(self) -> u64 {
        self.pixels.saturating_mul(4)
    }

    /// Pixels of all frames of a moving picture together: that is what it costs to write it again.
    fn moving(self) -> u64 {
        self.pixels.saturating_mul(4)
    }

    /// What a decoder may ask for.
    fn of_decoder(self) -> DecoderLimits {
        let mut limits = DecoderLimits::default();
        // A decoder keeps a canvas and a frame besides.
        limits.max_alloc = Some(self.bytes().saturating_mul(3));
        limits
    }

    fn check(self, (width, height): (u32, u32)) -> Result<u64, Refused> {
        let pixels = u64::from(width) * u64::from(height);
        if pixels == 0 || pixels > self.pixels { Err(Refused::TooLarge) } else { Ok(pixels) }
    }
}

/// Why a picture is not shown. The message is for the log and for whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is none, or not of this type.
    #[error("is not a picture of its type, or a broken one")]
    NotOne,
    /// It has more pixels or frames, or needs more memory, than may be.
    #[error("has too many pixels or frames")]
    TooLarge,
}

impl From<ImageError> for Refused {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::TooLarge,
            _ => Self::NotOne,
        }
    }
}

/// The picture anew: the same to look at, upright, and with nothing else in it. Takes processor time for its pixels.
pub fn remade(bytes: &[u8], format: Format, limits: Limits) -> Result<Vec<u8>, Refused> {
    if image::guess_format(bytes)? != format.known() {
        return Err(Refused::NotOne);
    }
    let source = Cursor::new(bytes);
    match format {
        Format::Jpeg => {
            let picture = still(JpegDecoder::new(source)?, limits)?;
            let picture = match picture {
                DynamicImage::ImageLuma8(_) | DynamicImage::ImageRgb8(_) => picture,
                other => DynamicImage::ImageRgb8(other.into_rgb8()),
            };
            written(|out| picture.write_with_encoder(JpegEncoder::new_with_quality(out, JPEG_QUALITY)))
        }
        Format::Png => {
            let picture = still(PngDecoder::with_limits(source, limits.of_decoder())?, limits)?;
            let mut out = Cursor::new(Vec::new());
            picture.write_to(&mut out, ImageFormat::Png)?;
            Ok(out.into_inner())
        }
        Format::WebP => {
            let picture = match still(WebPDecoder::new(source)?, limits)? {
                picture @ (DynamicImage::ImageRgb8(_) | DynamicImage::ImageRgba8(_)) => picture,
                other => DynamicImage::ImageRgba8(other.into_rgba8()),
            };
            written(|out| picture.write_with_encoder(WebPEncoder::new_lossless(out)))
        }
        Format::Gif => moving(GifDecoder::new(source)?, limits),
    }
}

fn still(mut decoder: impl ImageDecoder, limits: Limits) -> Result<DynamicImage, Refused> {
    limits.check(decoder.dimensions())?;
    decoder.set_limits(limits.of_decoder())?;
    if decoder.total_bytes() > limits.bytes() {
        return Err(Refused::TooLarge);
    }
    // How the camera was held is the one thing that its notes say about what is seen.
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn moving(mut decoder: GifDecoder<Cursor<&[u8]>>, limits: Limits) -> Result<Vec<u8>, Refused> {
    let each = limits.check(decoder.dimensions())?;
    decoder.set_limits(limits.of_decoder())?;
    let mut out = Vec::new();
    {
        let mut encoder = GifEncoder::new_with_speed(&mut out, GIF_SPEED);
        encoder.set_repeat(Repeat::Infinite)?;
        let mut frames = 0;
        for frame in decoder.into_frames() {
            frames += 1;
            if frames > limits.frames || each.saturating_mul(frames as u64) > limits.moving() {
                return Err(Refused::TooLarge);
            }
            // One at a time: no more than a frame or two is ever in memory.
            encoder.encode_frame(frame?)?;
        }
        if frames == 0 {
            return Err(Refused::NotOne);
        }
    }
    Ok(out)
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> Result<(), ImageError>) -> Result<Vec<u8>, Refused> {
    let mut out = Vec::new();
    write(&mut out)?;
    Ok(out)
}
