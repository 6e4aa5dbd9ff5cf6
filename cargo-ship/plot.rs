//! A canary's course as a small plot: `E` and `F` against their bounds over time, in one line each.
//!
//! Both are drawn on a logarithmic scale from 1 (nothing is shown) to the bound (it is shown), since that is
//! how evidence adds up; what lies below 1 is drawn as 1. The same points give the same plot, so what is
//! seen live is drawn again later from the record.

/// What was known at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub t_ms: u64,
    pub log_e: f64,
    pub log_f: f64,
    /// The canary's weight.
    pub percent: u8,
}

/// The characters a plot is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyphs {
    Unicode,
    Ascii,
}

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const LETTERS: [char; 8] = ['_', '.', ',', '-', '=', '+', '*', '#'];

impl Glyphs {
    /// What a locale's name allows: `LC_ALL`, `LC_CTYPE` or `LANG`, the first that is set.
    pub fn of_locale(locale: Option<&str>) -> Self {
        let locale = locale.unwrap_or_default().to_ascii_lowercase();
        if locale.contains("utf-8") || locale.contains("utf8") { Self::Unicode } else { Self::Ascii }
    }

    fn level(self, part: f64) -> char {
        let levels = if self == Self::Unicode { BLOCKS } else { LETTERS };
        // Clamped, so it lies within the eight.
        levels[((part.clamp(0.0, 1.0) * 8.0) as usize).min(7)]
    }

    fn full(self) -> char {
        if self == Self::Unicode { '█' } else { '#' }
    }

    fn empty(self) -> char {
        if self == Self::Unicode { '░' } else { '.' }
    }
}

/// How far a logarithm is on the way from 1 to the bound, 0 to 1.
pub fn part(log: f64, bound: f64) -> f64 {
    if bound <= 1.0 || log.is_nan() { 0.0 } else { (log / bound.ln()).clamp(0.0, 1.0) }
}

/// A bar of so many columns, filled as far as the way to the bound.
pub fn bar(log: f64, bound: f64, columns: usize, glyphs: Glyphs) -> String {
    // Below `columns`, since the part is at most 1; full only at the bound.
    let filled = (part(log, bound) * columns as f64).floor() as usize;
    (0..columns).map(|at| if at < filled { glyphs.full() } else { glyphs.empty() }).collect()
}

/// A line of at most so many columns, each the greatest value of its part of the time.
pub fn line(points: &[Point], of: impl Fn(&Point) -> f64, columns: usize, glyphs: Glyphs) -> String {
    cells(points, columns)
        .into_iter()
        .map(|cell| glyphs.level(cell.iter().map(&of).fold(0.0, f64::max)))
        .collect()
}

/// The points by columns of equal time. A column without a point takes the one before it.
fn cells(points: &[Point], columns: usize) -> Vec<Vec<Point>> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    let columns = columns.min(points.len());
    let span = last.t_ms.saturating_sub(first.t_ms).max(1);
    let mut cells: Vec<Vec<Point>> = vec![Vec::new(); columns];
    for point in points {
        let at = point.t_ms.saturating_sub(first.t_ms) * (columns as u64 - 1) / span;
        cells[usize::try_from(at).unwrap_or(usize::MAX).min(columns - 1)].push(*point);
    }
    for at in 1..columns {
        if cells[at].is_empty() {
            let before = cells[at - 1].last().copied();
            cells[at].extend(before);
        }
    }
    cells
}

/// The plot of a whole course: weight, `E` and `F`.
pub fn draw(points: &[Point], bound: f64, width: usize, glyphs: Glyphs) -> Vec<String> {
    let Some(last) = points.last() else { return Vec::new() };
    let columns = width.saturating_sub(LABEL + TAIL).max(8);
    let row = |label: &str, line: String, tail: String| format!("{label:<LABEL$}{line:<columns$}  {tail}");
    let evidence = |log: f64| format!("{} of {bound:.0}", short(log.exp()));
    vec![
        row(
            "weight",
            line(points, |p| f64::from(p.percent) / 100.0, columns, glyphs),
            format!("{} %", last.percent),
        ),
        row(
            "worse",
            line(points, |p| part(p.log_e, bound), columns, glyphs),
            format!("E {}", evidence(last.log_e)),
        ),
        row(
            "good",
            line(points, |p| part(p.log_f, bound), columns, glyphs),
            format!("F {}", evidence(last.log_f)),
        ),
    ]
}

const LABEL: usize = 8;
/// Room for the numbers behind a line.
const TAIL: usize = 20;

/// A number in few characters.
pub fn short(value: f64) -> String {
    match value {
        v if v < 10.0 => format!("{v:.1}"),
        v if v < 1e5 => format!("{v:.0}"),
        v => format!("{v:.0e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points() -> Vec<Point> {
        let point = |at: u64| Point {
            t_ms: at * 1000,
            log_e: 0.0,
            log_f: 100f64.ln() * at as f64 / 9.0,
            percent: if at < 5 { 5 } else { 50 },
        };
        (0..10).map(point).collect()
    }

    #[test]
    fn the_plot_rises_to_the_bound_and_fits_the_width() {
        let drawn = draw(&points(), 100.0, 40, Glyphs::Unicode);
        assert_eq!(drawn[0], "weight  ▁▁▁▁▁▅▅▅▅▅    50 %");
        assert_eq!(drawn[1], "worse   ▁▁▁▁▁▁▁▁▁▁    E 1.0 of 100");
        assert_eq!(drawn[2], "good    ▁▁▂▃▄▅▆▇██    F 100 of 100");
        for width in [0, 30, 40, 200] {
            let ascii = draw(&points(), 100.0, width, Glyphs::Ascii);
            assert!(ascii.iter().all(|line| line.is_ascii() && line.len() <= width.max(36)), "{ascii:#?}");
        }
    }

    #[test]
    fn nothing_and_nonsense_draw_without_harm() {
        assert!(draw(&[], 100.0, 80, Glyphs::Ascii).is_empty());
        let odd = [Point { t_ms: 5, log_e: f64::NAN, log_f: f64::INFINITY, percent: 255 }; 3];
        assert_eq!(draw(&odd, 1.0, 80, Glyphs::Ascii).len(), 3);
        assert_eq!(bar(f64::NEG_INFINITY, 100.0, 4, Glyphs::Ascii), "....");
        assert_eq!(bar(1000.0, 100.0, 4, Glyphs::Unicode), "████");
        assert_eq!(Glyphs::of_locale(Some("C")), Glyphs::Ascii);
        assert_eq!(Glyphs::of_locale(Some("de_DE.UTF-8")), Glyphs::Unicode);
    }
}
