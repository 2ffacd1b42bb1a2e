//! Files that are no text and are called one, as mail programs do by the ending of a name. Chance makes any short word of
//! their bytes: nothing is read of them but runs of writing, as `strings` finds them.

use super::noise;

/// So many bytes of text are judged by themselves.
const BLOCK: usize = 1 << 10;

/// So many kinds of control characters that no text has are in a binary block, of 24.
const KINDS: usize = 12;

/// One in so many characters of a binary block is no writing.
const SHARE: usize = 16;

/// A run of writing in a binary block has so many characters.
const RUN: usize = 16;

/// What is writing in `text`, with `gap` for what isn't; `None`: all of it may be.
pub(super) fn writing(text: &str, gap: char) -> Option<String> {
    // Nearly all text has none, and counting them costs next to nothing.
    if controls(text.as_bytes()) < KINDS {
        return None;
    }
    let mut writing = String::new();
    let (mut found, mut as_it_is, mut rest) = (false, text, text);
    while let Some((block, _)) = rest.split_at_checked(rest.floor_char_boundary(BLOCK))
        && !block.is_empty()
    {
        let mut end = block.len();
        if may_be_binary(block) {
            // It ends where no run of writing is cut.
            end = block.rfind(is_no_writing).filter(|end| *end > 0).unwrap_or(end);
            let block = block.get(..end).unwrap_or(block);
            if is_binary(block) {
                found = true;
                writing.push_str(as_it_is.get(..as_it_is.len() - rest.len()).unwrap_or_default());
                add_runs(block, gap, &mut writing);
                as_it_is = rest.get(end..).unwrap_or_default();
            }
        }
        rest = rest.get(end..).unwrap_or_default();
    }
    writing.push_str(if found { as_it_is } else { "" });
    found.then_some(writing)
}

/// Not the characters of lines and pages, of charsets that switch (ISO 2022), nor the NUL of wider ones.
fn is_control(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, 0 | 0x09..=0x0f | 0x1b)
}

/// How many there are: by so few at a time that a byte holds their number, which lets the processor count many at once.
fn controls(bytes: &[u8]) -> usize {
    let few = |few: &[u8]| few.iter().map(|byte| u8::from(is_control(*byte))).sum::<u8>();
    bytes.chunks(128).map(|some| usize::from(few(some))).sum()
}

fn is_no_writing(c: char) -> bool {
    c == char::REPLACEMENT_CHARACTER || c.is_control() && !matches!(c, '\t' | '\n' | '\r')
}

fn may_be_binary(block: &str) -> bool {
    controls(block.as_bytes()) >= KINDS
        && (0..0x20).filter(|byte| is_control(*byte) && block.as_bytes().contains(byte)).count() >= KINDS
}

fn is_binary(block: &str) -> bool {
    let none = block.chars().filter(|c| is_no_writing(*c)).count();
    none * SHARE >= block.chars().count() && noise::is_mixed(block.chars().filter(|c| !c.is_control()))
}

fn add_runs(block: &str, gap: char, writing: &mut String) {
    for run in block.split(is_no_writing) {
        if run.chars().nth(RUN - 1).is_some() && !noise::is_mixed(run.chars()) {
            writing.push_str(run);
        }
        if !writing.ends_with(gap) {
            writing.push(gap);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::noise::tests::of;
    use super::writing;

    fn controls() -> Vec<char> {
        ('\u{1}'..'\u{20}').filter(|c| !c.is_whitespace()).collect()
    }

    /// Random bytes, read as UTF-8, as UTF-8 or windows-1252, and as windows-1252.
    fn files() -> [String; 3] {
        let bytes = of(&('\0'..='\u{ff}').collect::<Vec<_>>(), 200_000);
        let bytes: Vec<u8> = bytes.chars().filter_map(|c| u8::try_from(c).ok()).collect();
        let patched = bytes.utf8_chunks().flat_map(|chunk| {
            chunk
                .valid()
                .chars()
                .chain(chunk.invalid().iter().map(|byte| super::super::charset::western(*byte)))
        });
        [
            String::from_utf8_lossy(&bytes).into_owned(),
            patched.collect(),
            encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes).0.into_owned(),
        ]
    }

    #[test]
    fn next_to_nothing_is_read_of_a_file_that_is_no_text() {
        for file in files() {
            let read = writing(&file, '\u{2029}').unwrap();
            assert!(read.len() < file.len() / 40, "{} of {}", read.len(), file.len());
        }
    }

    #[test]
    fn what_is_written_in_a_file_that_is_no_text_is_read() {
        for file in files() {
            for text in ["see you at the casino", "увидимся в казино"] {
                let middle = file.floor_char_boundary(file.len() / 2);
                let (before, behind) = file.split_at(middle);
                let read = writing(&format!("{before}\n{text}\u{1}{behind}"), ' ').unwrap();
                assert!(read.contains(text));
            }
            let line = "see you at the casino tonight\n".repeat(40);
            assert!(writing(&format!("{line}{file}{line}"), ' ').unwrap().starts_with(&line));
        }
    }

    #[test]
    fn writing_with_control_characters_between_its_letters_is_read_as_it_is() {
        let controls = controls();
        for text in ["see you at the casino tonight, ", "увидимся в казино вечером, ", "今晚在赌场见。"]
        {
            let mut drawn = of(&controls, 1 << 14).into_bytes().into_iter().map(char::from);
            let text: String =
                text.repeat(200).chars().flat_map(|c| [Some(c), drawn.next()]).flatten().collect();
            assert_eq!(writing(&text, ' '), None);
        }
    }

    #[test]
    fn text_in_the_wrong_charset_is_read_as_it_is() {
        let russian = "Привет, Маша! Как дела? Приезжай 12 мая в 10:30. ".repeat(100);
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(&russian);
        assert_eq!(writing(&String::from_utf8_lossy(&bytes), ' '), None);
        for wide in [u16::to_le_bytes, u16::to_be_bytes] {
            let bytes: Vec<u8> = russian.encode_utf16().flat_map(wide).collect();
            assert_eq!(writing(&String::from_utf8_lossy(&bytes), ' '), None);
        }
    }
}
