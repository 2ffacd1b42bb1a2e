//! Colours as CSS and HTML's own attributes write them, and which of them nobody can tell apart.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What the names stand for, a line a name.
const NAMES: &str = include_str!("../../../data/colours.txt");

/// A colour, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    Unknown,
    /// The reader's own background, of which nothing is said: nearly always white.
    Page,
    Transparent,
    Rgb(u8, u8, u8),
}

impl Colour {
    const WHITE: Self = Self::Rgb(255, 255, 255);

    /// Whether nobody can tell the two apart.
    pub(super) fn same(self, other: Self) -> bool {
        self.differs_by(other).is_some_and(|most| most <= 8)
    }

    /// Whether hardly anybody notices one on the other, where a reader's own background is taken to be white.
    pub(super) fn close(self, other: Self) -> bool {
        let seen = |colour| if colour == Self::Page { Self::WHITE } else { colour };
        self != Self::Page && self.differs_by(seen(other)).is_some_and(|most| most <= 24)
    }

    /// By how much they differ in red, green or blue, whichever is most.
    fn differs_by(self, other: Self) -> Option<u8> {
        match (self, other) {
            (Self::Rgb(r, g, b), Self::Rgb(r2, g2, b2)) => {
                Some(r.abs_diff(r2).max(g.abs_diff(g2)).max(b.abs_diff(b2)))
            }
            _ => None,
        }
    }

    /// Reads a colour as CSS or an HTML attribute writes it.
    pub(super) fn parse(text: &str) -> Self {
        let text = text.trim().to_ascii_lowercase();
        if let Some(digits) = text.strip_prefix('#') {
            return Self::hex(digits);
        }
        if let Some(arguments) = text.strip_prefix("rgba(").or_else(|| text.strip_prefix("rgb(")) {
            let share = |part: &str| Some(part.strip_suffix('%')?.parse::<f32>().ok()? * 2.55);
            return match numbers(arguments, |part| share(part).or_else(|| part.parse().ok())).as_slice() {
                [_, _, _, alpha, ..] if *alpha < 0.05 => Self::Transparent,
                [r, g, b, ..] => Self::Rgb(*r as u8, *g as u8, *b as u8),
                _ => Self::Unknown,
            };
        }
        if let Some(arguments) = text.strip_prefix("hsla(").or_else(|| text.strip_prefix("hsl(")) {
            let number = |part: &str| part.trim_end_matches("deg").trim_end_matches('%').parse().ok();
            return match numbers(arguments, number).as_slice() {
                [_, _, _, alpha, ..] if *alpha < 0.05 => Self::Transparent,
                [hue, saturation, light, ..] => Self::hsl(*hue, saturation / 100.0, light / 100.0),
                _ => Self::Unknown,
            };
        }
        match text.as_str() {
            "transparent" => Self::Transparent,
            "window" | "canvas" => Self::WHITE,
            _ => match named(&text) {
                Some(digits) => Self::hex(digits),
                // The attribute's form leaves the sign out.
                None if matches!(text.len(), 3 | 6) => Self::hex(&text),
                None => Self::Unknown,
            },
        }
    }

    /// The colour in the value of `background`, among what it says of a picture (CSS Backgrounds 3 section 2.10).
    pub(super) fn of_background(value: &str) -> Self {
        let mut depth = 0usize;
        let words = value.split(|c: char| {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && c.is_whitespace()
        });
        words.map(Self::parse).find(|colour| *colour != Self::Unknown).unwrap_or(Self::Unknown)
    }

    /// By hue, in degrees, saturation and lightness (CSS Color 4 section 7.1).
    fn hsl(hue: f32, saturation: f32, light: f32) -> Self {
        let strength = saturation * light.min(1.0 - light);
        let part = |offset: f32| {
            let place = (offset + hue / 30.0).rem_euclid(12.0);
            let share = light - strength * (place - 3.0).min(9.0 - place).clamp(-1.0, 1.0);
            (share * 255.0).round() as u8
        };
        Self::Rgb(part(0.0), part(8.0), part(4.0))
    }

    fn hex(digits: &str) -> Self {
        // Of more than eight, six count.
        let mut values = [0; 8];
        let mut length = 0;
        for c in digits.chars() {
            let Some(value) = c.to_digit(16) else { return Self::Unknown };
            if let Some(slot) = values.get_mut(length) {
                *slot = value;
            }
            length += 1;
        }
        match values.get(..length).unwrap_or_else(|| values.get(..6).unwrap_or_default()) {
            [_, _, _, 0] | [_, _, _, _, _, _, 0, 0] => Self::Transparent,
            [r, g, b] | [r, g, b, _] => Self::Rgb((r * 17) as u8, (g * 17) as u8, (b * 17) as u8),
            [r, r2, g, g2, b, b2, ..] => {
                Self::Rgb((r * 16 + r2) as u8, (g * 16 + g2) as u8, (b * 16 + b2) as u8)
            }
            _ => Self::Unknown,
        }
    }
}

/// The numbers among a function's arguments.
fn numbers(arguments: &str, number: impl Fn(&str) -> Option<f32>) -> Vec<f32> {
    let parts = arguments.trim_end_matches(')').split([',', ' ', '/']).filter(|part| !part.is_empty());
    parts.filter_map(number).take(4).collect()
}

fn named(name: &str) -> Option<&'static str> {
    static NAMED: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
        NAMES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' ')).collect()
    });
    NAMED.get(name).copied()
}

#[cfg(test)]
mod tests {
    use super::Colour;

    #[test]
    fn a_colour_is_the_same_however_it_is_written() {
        for text in
            ["#ff0", "#FFFF00", "yellow", "rgb(255,255,0)", "rgb(100% 100% 0%)", "hsl(60deg, 100%, 50%)"]
        {
            assert_eq!(Colour::parse(text), Colour::Rgb(255, 255, 0), "{text}");
        }
        for text in ["#fff0", "rgba(1,2,3,0)", "hsl(1 2% 3% / 0)", "transparent"] {
            assert_eq!(Colour::parse(text), Colour::Transparent, "{text}");
        }
        assert_eq!(Colour::parse("beige"), Colour::parse("#f5f5dc"));
        assert_eq!(Colour::parse("hsl(210, 40%, 60%)"), Colour::parse("#7099c2"));
        assert_eq!(Colour::of_background("url(a b.png) no-repeat RGB(255, 255, 0)"), Colour::parse("yellow"));
    }
}
