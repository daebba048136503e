//! The ten digits as strokes: points in a box 100 wide and 140 high, y down.

/// A point.
pub type Point = (f32, f32);

/// The strokes of a digit, dense enough to be bent.
pub fn strokes(digit: u8) -> Vec<Vec<Point>> {
    match digit {
        0 => vec![arc((50.0, 70.0), (34.0, 60.0), -90.0, 275.0)],
        1 => vec![
            join(&[line((22.0, 38.0), (54.0, 10.0)), line((54.0, 10.0), (54.0, 130.0))]),
            line((26.0, 130.0), (82.0, 130.0)),
        ],
        2 => vec![join(&[
            arc((50.0, 44.0), (34.0, 34.0), -165.0, 40.0),
            line((76.0, 66.0), (16.0, 130.0)),
            line((16.0, 130.0), (86.0, 130.0)),
        ])],
        3 => {
            vec![join(&[arc((46.0, 40.0), (32.0, 30.0), -150.0, 85.0), arc((46.0, 100.0), (36.0, 31.0), -85.0, 150.0)])]
        }
        4 => vec![
            join(&[line((62.0, 10.0), (12.0, 92.0)), line((12.0, 92.0), (90.0, 92.0))]),
            line((66.0, 50.0), (66.0, 132.0)),
        ],
        5 => vec![join(&[
            line((78.0, 12.0), (28.0, 12.0)),
            line((28.0, 12.0), (22.0, 64.0)),
            arc((46.0, 92.0), (36.0, 38.0), -125.0, 145.0),
        ])],
        6 => vec![join(&[
            arc((80.0, 84.0), (64.0, 74.0), -100.0, -180.0),
            arc((50.0, 94.0), (34.0, 36.0), -180.0, 185.0),
        ])],
        7 => vec![join(&[line((14.0, 14.0), (86.0, 14.0)), line((86.0, 14.0), (32.0, 132.0))])],
        8 => vec![arc((50.0, 40.0), (28.0, 29.0), 90.0, 455.0), arc((50.0, 100.0), (34.0, 32.0), -90.0, 275.0)],
        _ => vec![join(&[arc((50.0, 46.0), (34.0, 36.0), 0.0, -365.0), arc((20.0, 56.0), (64.0, 74.0), 0.0, 80.0)])],
    }
}

/// A straight stroke.
fn line(from: Point, to: Point) -> Vec<Point> {
    const STEPS: u8 = 12;
    (0..=STEPS)
        .map(|step| {
            let part = f32::from(step) / f32::from(STEPS);
            (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part)
        })
        .collect()
}

/// A piece of an ellipse, degrees clockwise from three o'clock.
fn arc(centre: Point, radii: Point, from: f32, to: f32) -> Vec<Point> {
    const STEPS: u8 = 30;
    (0..=STEPS)
        .map(|step| {
            let angle = (from + (to - from) * f32::from(step) / f32::from(STEPS)).to_radians();
            (centre.0 + radii.0 * angle.cos(), centre.1 + radii.1 * angle.sin())
        })
        .collect()
}

fn join(parts: &[Vec<Point>]) -> Vec<Point> {
    parts.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_stays_in_its_box() {
        for digit in 0..10 {
            for (x, y) in strokes(digit).concat() {
                assert!((5.0..=95.0).contains(&x) && (0.0..=140.0).contains(&y), "{digit}: {x} {y}");
            }
        }
    }
}
