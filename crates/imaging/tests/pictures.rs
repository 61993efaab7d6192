//! Pictures made anew, by the same decoders that a client has.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::Cursor;

use image::codecs::gif::{GifDecoder, GifEncoder};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::{AnimationDecoder, DynamicImage, Frame, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use imaging::{Format, Limits, Refused, remade};

const LIMITS: Limits = Limits { pixels: 1_000_000, frames: 10 };

/// Left half red, right half blue.
fn halves(width: u32, height: u32) -> RgbImage {
    let colour = |x| if x < width / 2 { Rgb([250, 10, 10]) } else { Rgb([10, 10, 250]) };
    RgbImage::from_fn(width, height, |x, _| colour(x))
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut out = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut out, 95)).unwrap();
    out
}

/// EXIF as a phone writes it: how it was held (a quarter turn), and where it was.
fn exif() -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value].concat()
    };
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    tiff.extend(2_u16.to_le_bytes());
    tiff.extend(entry(0x0112, 3, 1, [6, 0, 0, 0]));
    tiff.extend(entry(0x8825, 4, 1, 38_u32.to_le_bytes()));
    tiff.extend(0_u32.to_le_bytes());
    // The place: N, 52 degrees 31 minutes 12 seconds.
    tiff.extend(2_u16.to_le_bytes());
    tiff.extend(entry(1, 2, 2, *b"N\0\0\0"));
    tiff.extend(entry(2, 5, 3, 68_u32.to_le_bytes()));
    tiff.extend(0_u32.to_le_bytes());
    for part in [52_u32, 1, 31, 1, 12, 1] {
        tiff.extend(part.to_le_bytes());
    }
    [b"Exif\0\0".to_vec(), tiff].concat()
}

/// A JPEG with that, and with a comment and XMP beside it.
fn from_a_phone(picture: &RgbImage) -> Vec<u8> {
    let plain = jpeg(picture);
    let segment = |marker: u8, content: &[u8]| {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker], &length[..], content].concat()
    };
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Ana's phone</x:xmpmeta>";
    [&plain[..2], &segment(0xE1, &exif()), &segment(0xE1, xmp), &segment(0xFE, b"Ana was here"), &plain[2..]].concat()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn f8_a_photo_comes_back_upright_without_the_place_where_it_was_taken() {
    let photo = from_a_phone(&halves(64, 32));
    assert!(holds(&photo, b"Exif") && holds(&photo, b"Ana was here") && holds(&photo, b"xmpmeta"));
    let shown = remade(&photo, Format::Jpeg, LIMITS).unwrap();
    for part in [&b"Exif"[..], b"Ana", b"xmp", &52_u32.to_le_bytes()[..]] {
        assert!(!holds(&shown, part), "{part:?}");
    }
    // A quarter turn clockwise: what was left is on top.
    let seen = image::load_from_memory_with_format(&shown, ImageFormat::Jpeg).unwrap().into_rgb8();
    assert_eq!(seen.dimensions(), (32, 64));
    let (top, bottom) = (seen.get_pixel(16, 4), seen.get_pixel(16, 60));
    assert!(top.0[0] > 200 && top.0[2] < 60 && bottom.0[2] > 200 && bottom.0[0] < 60, "{top:?} {bottom:?}");
}

#[test]
fn f8_what_is_written_beside_the_pixels_of_a_png_is_gone_and_the_pixels_are_the_same() {
    let picture = halves(20, 10);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 20, 10);
    encoder.set_color(png::ColorType::Rgb);
    encoder.add_text_chunk("Location".to_owned(), "52.52, 13.40".to_owned()).unwrap();
    encoder.write_header().unwrap().write_image_data(picture.as_raw()).unwrap();
    let bytes = [bytes, b"and a page behind it: <script>".to_vec()].concat();
    let shown = remade(&bytes, Format::Png, LIMITS).unwrap();
    assert!(holds(&bytes, b"Location") && !holds(&shown, b"Location") && !holds(&shown, b"script"));
    assert_eq!(image::load_from_memory(&shown).unwrap().into_rgb8(), picture);
    assert_eq!(remade(&shown, Format::Png, LIMITS).unwrap(), shown, "and has nothing more to lose");
}

#[test]
fn f8_a_webp_stays_as_it_looks() {
    let picture = RgbaImage::from_fn(20, 10, |x, y| {
        Rgba([10, 200, u8::try_from(x * 10).unwrap(), u8::try_from(y * 20).unwrap()])
    });
    let mut bytes = Vec::new();
    picture.write_with_encoder(WebPEncoder::new_lossless(&mut bytes)).unwrap();
    let shown = remade(&bytes, Format::WebP, LIMITS).unwrap();
    assert_eq!(image::load_from_memory_with_format(&shown, ImageFormat::WebP).unwrap().into_rgba8(), picture);
}

fn gif(frames: u32, side: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for number in 0..frames {
        let picture = RgbaImage::from_pixel(side, side, Rgba([u8::try_from(number * 20).unwrap(), 0, 0, 255]));
        encoder.encode_frame(Frame::new(picture)).unwrap();
    }
    drop(encoder);
    bytes
}

#[test]
fn f8_a_gif_moves_on_and_has_no_more_frames_than_may_be() {
    let shown = remade(&gif(10, 16), Format::Gif, LIMITS).unwrap();
    let frames = GifDecoder::new(Cursor::new(&shown)).unwrap().into_frames().collect_frames().unwrap();
    assert_eq!(frames.len(), 10);
    assert_eq!(frames[9].buffer().get_pixel(8, 8).0[0], 180);
    assert_eq!(remade(&gif(11, 16), Format::Gif, LIMITS), Err(Refused::TooLarge));
    // Each frame is small enough, all together are not.
    let few = Limits { pixels: 256, frames: 10 };
    assert_eq!(remade(&gif(5, 16), Format::Gif, few), Err(Refused::TooLarge));
    assert!(remade(&gif(4, 16), Format::Gif, few).is_ok());
}

#[test]
fn f8_what_is_no_picture_of_its_type_is_refused() {
    let page = [b"\x89PNG\r\n\x1A\n".to_vec(), b"<html><script>alert(1)</script></html>".to_vec()].concat();
    let photo = jpeg(&halves(8, 8));
    let cut = &photo[..photo.len() / 3];
    for (bytes, format) in [
        (&page[..], Format::Png),
        (b"<html>", Format::Jpeg),
        (b"", Format::Gif),
        (&photo, Format::Png),
        (&photo, Format::WebP),
        (cut, Format::Jpeg),
    ] {
        assert_eq!(remade(bytes, format, LIMITS), Err(Refused::NotOne), "{format:?}");
    }
}

#[test]
fn f8_more_pixels_than_may_be_are_refused_in_every_type() {
    let limits = Limits { pixels: 99, frames: 10 };
    let picture = DynamicImage::ImageRgb8(halves(10, 10));
    for (kind, format) in [
        (ImageFormat::Jpeg, Format::Jpeg),
        (ImageFormat::Png, Format::Png),
        (ImageFormat::Gif, Format::Gif),
        (ImageFormat::WebP, Format::WebP),
    ] {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, kind).unwrap();
        assert_eq!(remade(bytes.get_ref(), format, limits), Err(Refused::TooLarge), "{format:?}");
        assert!(remade(bytes.get_ref(), format, Limits { pixels: 100, ..limits }).is_ok(), "{format:?}");
    }
}
