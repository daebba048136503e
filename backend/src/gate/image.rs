//! The image code: four digits as bent strokes. The strokes are cut into short pieces, and the pieces of all digits and of
//! the noise are shuffled into a few paths, so that nothing in the document says which piece belongs to which digit, nor in
//! which order the digits stand. No text, no ids, nothing that repeats.

use super::glyphs::{Point, strokes};
use crate::entropy::Entropy;
use std::f32::consts::TAU;
use std::fmt::Write;

/// Width of the image.
const WIDTH: f32 = 160.0;
/// Height of the image.
const HEIGHT: f32 = 60.0;
/// Points of a piece.
const PIECE: usize = 4;
/// Paths that the pieces are dealt out to.
const PATHS: usize = 6;

/// Randomness, in small coins.
pub struct Dice<'a> {
    entropy: &'a dyn Entropy,
    held: [u8; 256],
    next: usize,
}

impl<'a> Dice<'a> {
    /// Dice that draw from `entropy`.
    pub fn new(entropy: &'a dyn Entropy) -> Self {
        Self { entropy, held: [0; 256], next: 256 }
    }

    fn bytes(&mut self) -> [u8; 2] {
        if self.next + 2 > self.held.len() {
            self.entropy.fill(&mut self.held);
            self.next = 0;
        }
        let bytes = [self.held[self.next], self.held[self.next + 1]];
        self.next += 2;
        bytes
    }

    /// A whole number below `end`, each as likely as any other.
    pub fn below(&mut self, end: u16) -> u16 {
        let fair = u16::MAX - u16::MAX % end.max(1);
        loop {
            let value = u16::from_be_bytes(self.bytes());
            if value < fair {
                return value % end.max(1);
            }
        }
    }

    /// A digit.
    pub fn digit(&mut self) -> u8 {
        u8::try_from(self.below(10)).unwrap_or_default()
    }

    /// A number between the two.
    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * f32::from(u16::from_be_bytes(self.bytes())) / f32::from(u16::MAX)
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = usize::from(self.below(u16::try_from(last + 1).unwrap_or(u16::MAX)));
            items.swap(last, other);
        }
    }
}

/// Draws the digits.
pub fn draw(digits: &[u8], dice: &mut Dice<'_>) -> String {
    let bend = Bend::random(dice);
    let mut pieces = Vec::new();
    #[allow(clippy::cast_precision_loss)]
    let cell = (WIDTH - 12.0) / digits.len() as f32;
    let mut left = 6.0;
    for digit in digits {
        let hand = Hand::random(left + cell / 2.0, dice);
        for stroke in strokes(*digit) {
            let stroke: Vec<Point> = stroke.into_iter().map(|point| bend.apply(hand.apply(point))).collect();
            cut(&stroke, &mut pieces);
        }
        left += cell;
    }
    dice.shuffle(&mut pieces);
    let mut paths: Vec<(String, f32)> = (0..PATHS).map(|_| (String::new(), dice.between(3.0, 4.0))).collect();
    for (number, piece) in pieces.iter().enumerate() {
        write_piece(&mut paths[number % PATHS].0, piece);
    }
    for _ in 0..5 {
        let mut path = String::new();
        write_piece(&mut path, &wave(dice));
        paths.push((path, dice.between(0.9, 1.5)));
    }
    for _ in 0..3 {
        let mut specks = String::new();
        for _ in 0..9 {
            let (x, y) = (dice.between(2.0, WIDTH - 2.0), dice.between(2.0, HEIGHT - 2.0));
            write_piece(&mut specks, &[(x, y), (x + dice.between(-2.0, 2.0), y + dice.between(-2.0, 2.0))]);
        }
        paths.push((specks, dice.between(1.2, 2.2)));
    }
    dice.shuffle(&mut paths);
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"><rect width="100%" height="100%" fill="#f3f6fb"/><g fill="none" stroke="#17324f" stroke-linecap="round" stroke-linejoin="round">"##
    );
    for (path, width) in paths {
        let _ = write!(svg, r#"<path stroke-width="{width:.1}" d="{path}"/>"#);
    }
    svg.push_str("</g></svg>");
    svg
}

/// How one digit is written: size, slant, place.
struct Hand {
    centre: Point,
    scale: Point,
    turn: (f32, f32),
    slant: f32,
}

impl Hand {
    fn random(x: f32, dice: &mut Dice<'_>) -> Self {
        let angle = dice.between(-0.22, 0.22);
        Self {
            centre: (x + dice.between(-3.0, 3.0), HEIGHT / 2.0 + dice.between(-4.0, 4.0)),
            scale: (dice.between(0.25, 0.31), dice.between(0.27, 0.32)),
            turn: angle.sin_cos(),
            slant: dice.between(-0.16, 0.16),
        }
    }

    fn apply(&self, (x, y): Point) -> Point {
        let (x, y) = ((x - 50.0) * self.scale.0, (y - 70.0) * self.scale.1);
        let x = x + y * self.slant;
        let (sin, cos) = self.turn;
        (self.centre.0 + x * cos - y * sin, self.centre.1 + x * sin + y * cos)
    }
}

/// Waves that run through the whole image.
struct Bend {
    across: (f32, f32, f32),
    down: (f32, f32, f32),
}

impl Bend {
    fn random(dice: &mut Dice<'_>) -> Self {
        let mut one =
            |length| (dice.between(1.0, 2.4), TAU / (length * dice.between(0.8, 1.2)), dice.between(0.0, TAU));
        Self { across: one(60.0), down: one(45.0) }
    }

    fn apply(&self, (x, y): Point) -> Point {
        let (high, often, from) = self.across;
        let (wide, times, start) = self.down;
        (x + wide * (y * times + start).sin(), y + high * (x * often + from).sin())
    }
}

/// Pieces that overlap by a point, so that no gap shows.
fn cut(stroke: &[Point], pieces: &mut Vec<Vec<Point>>) {
    let mut from = 0;
    while from + 1 < stroke.len() {
        let to = (from + PIECE).min(stroke.len() - 1);
        pieces.push(stroke[from..=to].to_vec());
        from = to;
    }
}

/// A thin line from edge to edge.
fn wave(dice: &mut Dice<'_>) -> Vec<Point> {
    let (from, to) = (dice.between(4.0, HEIGHT - 4.0), dice.between(4.0, HEIGHT - 4.0));
    let (high, often, start) = (dice.between(3.0, 9.0), TAU / dice.between(50.0, 120.0), dice.between(0.0, TAU));
    (0..=40u8)
        .map(|step| {
            let x = WIDTH * f32::from(step) / 40.0;
            (x, from + (to - from) * x / WIDTH + high * (x * often + start).sin())
        })
        .collect()
}

fn write_piece(path: &mut String, points: &[Point]) {
    for (number, (x, y)) in points.iter().enumerate() {
        let command = if number == 0 { 'M' } else { 'L' };
        let _ = write!(path, "{command}{x:.1} {y:.1}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    fn image(seed: u64, digits: &[u8]) -> String {
        draw(digits, &mut Dice::new(&SeededEntropy::new(seed)))
    }

    /// What a program finds in document order: where each piece begins.
    fn beginnings(svg: &str) -> Vec<f32> {
        svg.split('M').skip(1).filter_map(|piece| piece.split(' ').next()?.parse().ok()).collect()
    }

    #[test]
    fn nothing_in_the_document_spells_the_digits() {
        let svg = image(1, &[4, 7, 1, 9]);
        for forbidden in ["<text", "<tspan", "<title", "<desc", "<use", "id=", "class=", "aria", "font"] {
            assert!(!svg.contains(forbidden), "{forbidden}");
        }
        assert!(svg.len() < 12_000, "{} bytes", svg.len());
    }

    #[test]
    fn the_order_of_the_pieces_does_not_tell_the_order_of_the_digits() {
        let mut backwards = 0;
        let mut all = 0;
        for seed in 0..20 {
            let beginnings = beginnings(&image(seed, &[1, 2, 3, 4]));
            all += beginnings.len() - 1;
            backwards += beginnings.windows(2).filter(|two| two[1] < two[0]).count();
        }
        // Written digit by digit nearly every piece would begin near the one before it.
        assert!((all * 4 / 10..all * 6 / 10).contains(&backwards), "{backwards} of {all}");
    }

    #[test]
    fn the_same_digits_never_look_the_same() {
        let (one, two) = (image(1, &[8, 8, 8, 8]), image(2, &[8, 8, 8, 8]));
        let pieces = |svg: &str| -> std::collections::BTreeSet<String> {
            svg.split('M').skip(1).map(|piece| piece.split('"').next().unwrap_or_default().to_owned()).collect()
        };
        assert!(pieces(&one).is_disjoint(&pieces(&two)));
        assert_eq!(one, image(1, &[8, 8, 8, 8]), "the same randomness gives the same image");
    }

    #[test]
    fn dice_are_fair() {
        let entropy = SeededEntropy::new(3);
        let mut dice = Dice::new(&entropy);
        let mut counts = [0u32; 10];
        for _ in 0..10_000 {
            counts[usize::from(dice.below(10))] += 1;
        }
        assert!(counts.iter().all(|count| (850..1150).contains(count)), "{counts:?}");
    }
}
