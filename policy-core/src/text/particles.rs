//! What Korean hangs on a word, and a reader takes off: particles, the plural, the copula.

/// The frequent ones; a longer one before what it begins with.
const PARTICLES: [&str; 46] = [
    "입니다",
    "이라고",
    "이에요",
    "에서는",
    "에게서",
    "에서",
    "에게",
    "에는",
    "에도",
    "한테",
    "이랑",
    "으로",
    "까지",
    "부터",
    "처럼",
    "보다",
    "같은",
    "이나",
    "이라",
    "라고",
    "이네",
    "이요",
    "예요",
    "이야",
    "이다",
    "인데",
    "이고",
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "에",
    "의",
    "와",
    "과",
    "랑",
    "도",
    "만",
    "로",
    "들",
    "아",
    "야",
    "요",
    "인",
];
/// So many may hang on one word.
const MOST: usize = 3;

/// Whether this begins with particles, and with nothing else of the same word.
pub(super) fn are_particles(behind: &str) -> bool {
    let mut rest = behind;
    for _ in 0..MOST {
        let Some(shorter) = PARTICLES.iter().find_map(|particle| rest.strip_prefix(particle)) else { break };
        rest = shorter;
    }
    rest.len() < behind.len() && !rest.starts_with(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::are_particles;

    #[test]
    fn what_hangs_on_a_word() {
        assert!(are_particles("이 ") && are_particles("들은.") && are_particles("에서"));
        assert!(
            !are_particles("") && !are_particles(" 이") && !are_particles("촌") && !are_particles("이층")
        );
    }
}
