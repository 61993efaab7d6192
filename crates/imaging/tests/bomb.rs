//! A decompression bomb, alone in its process: what it costs shows in the memory of the whole of it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::Write as _;

use imaging::{Format, Limits, Refused, remade};

const SIDE: u32 = 30_000;

/// A picture of that many pixels, white from edge to edge, in a few kilobytes.
fn bomb() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIDE, SIDE);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.set_compression(png::Compression::Balanced);
    let mut writer = encoder.write_header().unwrap();
    let mut rows = writer.stream_writer().unwrap();
    let row = vec![0xFF; (SIDE as usize).div_ceil(8)];
    for _ in 0..SIDE {
        rows.write_all(&row).unwrap();
    }
    rows.finish().unwrap();
    drop(writer);
    bytes
}

/// The most memory this process ever had, in kilobytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn f8_a_bomb_is_refused_before_it_is_decoded() {
    let bytes = bomb();
    assert!(bytes.len() < 2_000_000, "{}", bytes.len());
    let before = peak();
    let limits = Limits { pixels: 50_000_000, frames: 300 };
    assert_eq!(remade(&bytes, Format::Png, limits), Err(Refused::TooLarge));
    // Decoded it would be 900 million bytes.
    assert!(peak() - before < 16 * 1024, "{before} kB before, {} after", peak());
}
