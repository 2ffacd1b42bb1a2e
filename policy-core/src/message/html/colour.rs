//! Colours as CSS and HTML's own attributes write them, and which of them nobody can tell apart.

/// A colour, as far as it is known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    Unknown,
    /// The reader's own background, of which nothing is said: nearly always white.
    Page,
    Transparent,
    Rgb(u8, u8, u8),
}

impl Colour {
    /// Whether nobody can tell the two apart.
    pub(super) fn same(self, other: Self) -> bool {
        match (self, other) {
            (Self::Rgb(r, g, b), Self::Rgb(r2, g2, b2)) => {
                r.abs_diff(r2) <= 8 && g.abs_diff(g2) <= 8 && b.abs_diff(b2) <= 8
            }
            _ => false,
        }
    }

    /// Whether it can't be told from white.
    pub(super) fn is_white(self) -> bool {
        self.same(Self::Rgb(255, 255, 255))
    }

    /// Reads a colour as CSS or an HTML attribute writes it.
    pub(super) fn parse(text: &str) -> Self {
        let text = text.trim().to_ascii_lowercase();
        if let Some(digits) = text.strip_prefix('#') {
            return Self::hex(digits);
        }
        if let Some(arguments) = text.strip_prefix("rgba(").or_else(|| text.strip_prefix("rgb(")) {
            let numbers: Vec<f32> = arguments
                .trim_end_matches(')')
                .split([',', ' ', '/'])
                .filter(|part| !part.is_empty())
                .filter_map(|part| match part.strip_suffix('%') {
                    Some(part) => part.parse::<f32>().ok().map(|share| share * 2.55),
                    None => part.parse().ok(),
                })
                .collect();
            return match numbers.as_slice() {
                [_, _, _, alpha, ..] if *alpha < 0.05 => Self::Transparent,
                [r, g, b, ..] => Self::Rgb(*r as u8, *g as u8, *b as u8),
                _ => Self::Unknown,
            };
        }
        if let Some(arguments) = text.strip_prefix("hsla(").or_else(|| text.strip_prefix("hsl(")) {
            let numbers: Vec<f32> = arguments
                .trim_end_matches(')')
                .split([',', ' ', '/'])
                .filter_map(|part| part.trim_end_matches(['%', 'd', 'e', 'g']).parse().ok())
                .collect();
            return match numbers.as_slice() {
                [_, _, _, alpha, ..] if *alpha < 0.05 => Self::Transparent,
                // Only what has no hue: nobody hides in colours.
                [_, saturation, light, ..] if *saturation <= 2.0 || !(2.0..98.0).contains(light) => {
                    let grey = (light * 2.55) as u8;
                    Self::Rgb(grey, grey, grey)
                }
                _ => Self::Unknown,
            };
        }
        match text.as_str() {
            "transparent" => Self::Transparent,
            "white" | "window" => Self::Rgb(255, 255, 255),
            "black" => Self::Rgb(0, 0, 0),
            "red" => Self::Rgb(255, 0, 0),
            "green" => Self::Rgb(0, 128, 0),
            "lime" => Self::Rgb(0, 255, 0),
            "blue" => Self::Rgb(0, 0, 255),
            "yellow" => Self::Rgb(255, 255, 0),
            "aqua" | "cyan" => Self::Rgb(0, 255, 255),
            "fuchsia" | "magenta" => Self::Rgb(255, 0, 255),
            "gray" | "grey" => Self::Rgb(128, 128, 128),
            "silver" => Self::Rgb(192, 192, 192),
            "lightgray" | "lightgrey" => Self::Rgb(211, 211, 211),
            "whitesmoke" => Self::Rgb(245, 245, 245),
            "snow" => Self::Rgb(255, 250, 250),
            "ivory" => Self::Rgb(255, 255, 240),
            "navy" => Self::Rgb(0, 0, 128),
            "maroon" => Self::Rgb(128, 0, 0),
            "purple" => Self::Rgb(128, 0, 128),
            "olive" => Self::Rgb(128, 128, 0),
            "teal" => Self::Rgb(0, 128, 128),
            "orange" => Self::Rgb(255, 165, 0),
            // The attribute's form leaves the sign out.
            _ if matches!(text.len(), 3 | 6) => Self::hex(&text),
            _ => Self::Unknown,
        }
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
