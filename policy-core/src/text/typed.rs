//! What is typed for a word of a language by other means: Vietnamese as keyboards without it have it, Chinese characters by
//! their parts.

use unicode_normalization::UnicodeNormalization;

use super::chars::{Kind, kind};
use super::everyday::people_write;

/// Of fewer letters, a word typed in Telex is another one.
const LETTERS: usize = 5;

/// What tells that a key is Vietnamese: marks that no other language puts on Latin letters.
const VIETNAMESE: [char; 3] = ['\u{309}', '\u{31B}', '\u{323}'];

/// The marks and what is typed for them in Telex and in VNI.
const MARKS: [(char, &str, char); 8] = [
    ('\u{301}', "s", '1'),
    ('\u{300}', "f", '2'),
    ('\u{309}', "r", '3'),
    ('\u{303}', "x", '4'),
    ('\u{323}', "j", '5'),
    ('\u{302}', "", '6'),
    ('\u{31B}', "w", '7'),
    ('\u{306}', "w", '8'),
];

/// A Vietnamese key as it is typed where the input method is off: Telex (`cowf bacj`) and VNI (`co72 bac5`), the tone behind
/// its vowel or its word.
pub(super) fn without_input_method(key: &str) -> Vec<String> {
    if key.is_ascii() || !(key.contains(VIETNAMESE) || key.nfd().any(|c| VIETNAMESE.contains(&c))) {
        return Vec::new();
    }
    let mut found: Vec<String> = [(false, false), (false, true), (true, false), (true, true)]
        .into_iter()
        .map(|(vni, at_end)| {
            let words: Vec<String> = key.split(' ').map(|word| typed_word(word, vni, at_end)).collect();
            words.join(" ")
        })
        .filter(|typed| {
            let letters = typed.chars().filter(|c| *c != ' ').count();
            typed.is_ascii() && letters >= LETTERS && !typed.split(' ').all(people_write)
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn typed_word(word: &str, vni: bool, at_end: bool) -> String {
    let mut typed = String::with_capacity(2 * word.len());
    let mut tone = None;
    let mut base = None;
    for c in word.nfd() {
        let Some((mark, telex, digit)) = MARKS.iter().find(|(mark, ..)| *mark == c) else {
            if c == 'đ' {
                typed.push_str(if vni { "d9" } else { "dd" });
            } else {
                if !at_end {
                    typed.extend(tone.take());
                }
                typed.push(c);
            }
            base = Some(c);
            continue;
        };
        let is_tone = matches!(mark, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}');
        match (vni, is_tone) {
            (true, true) => tone = Some(*digit),
            (true, false) => typed.push(*digit),
            (false, true) => tone = telex.chars().next(),
            (false, false) if telex.is_empty() => typed.extend(base),
            (false, false) => typed.push_str(telex),
        }
    }
    typed.extend(tone);
    typed
}

/// Characters and the two beside each other that are read as it.
const PARTS: &str = concat!(
    "妈女马奶女乃婊女表妓女支娼女昌奸女干嫖女票如女口妹女未娘女良嫁女家婚女昏贱贝戋赌贝者财贝才贩贝反",
    "贷代贝货化贝资次贝票西示钱钅戋银钅艮赚贝兼死歹匕强弓虽弹弓单狗犭句猪犭者裸衤果补衤卜被衤皮毒主母枪木仓炸火乍",
    "骗马扁骚马蚤驴马户你亻尔他亻也们亻门信亻言债亻责借亻昔代亻弋做亻故位亻立作亻乍保亻呆体亻本化亻匕彩采彡群君羊",
    "期其月明日月胖月半肥月巴股月殳机木几林木木样木羊校木交法氵去湖氵胡洗氵先泡氵包淫氵壬波氵皮酒氵酉汇氵匚",
    "烂火兰烧火尧烟火因话讠舌证讠正诈讠乍谈讠炎说讠兑请讠青语讠吾认讠人识讠只计讠十许讠午利禾刂别另刂加力口动云力",
    "功工力助且力吃口乞吹口欠唱口昌听口斤和禾口咬口交码石马破石皮种禾中租禾且税禾兑程禾呈私禾厶秘禾必粉米分精米青",
    "约纟勺级纟及线纟戋组纟且细纟田绑纟邦视礻见社礻土神礻申路足各踢足易跑足包轻车圣转车专输车俞配酉己鸡又鸟鸭甲鸟",
    "欢又欠对又寸难又隹观又见双又又戏又戈取耳又耻耳止聊耳卯职耳只联耳关阴阝月阳阝日都者阝相木目杀乂木",
    "賭貝者賤貝戔錢金戔銀金艮賺貝兼騙馬扁債亻責說言兌證言登",
);

/// A Chinese key with one of its characters as its parts (`代开发西示`), and with all that have some.
pub(super) fn in_parts(key: &str) -> Vec<String> {
    const MOST: usize = 8;
    const CHARACTERS: usize = 2;
    if key.chars().count() < CHARACTERS {
        return Vec::new();
    }
    let places = key.char_indices().filter_map(|(at, c)| Some((at, c, parts(c)?)));
    let mut found: Vec<String> = places
        .take(MOST)
        .map(|(at, c, parts)| {
            let (before, behind) = (key.get(..at), key.get(at + c.len_utf8()..));
            [before.unwrap_or_default(), parts, behind.unwrap_or_default()].concat()
        })
        .collect();
    if found.len() > 1 {
        let all = key.chars().map(|c| parts(c).map_or_else(|| c.to_string(), str::to_owned));
        found.push(all.collect());
    }
    found
}

/// The parts of a character.
fn parts(character: char) -> Option<&'static str> {
    if kind(character) != Kind::Word || !('\u{3400}'..='\u{9FFF}').contains(&character) {
        return None;
    }
    let at = PARTS.char_indices().step_by(3).find(|(_, c)| *c == character)?.0;
    let parts = PARTS.get(at + character.len_utf8()..)?;
    let end = parts.char_indices().nth(2).map_or(parts.len(), |(end, _)| end);
    parts.get(..end)
}

#[cfg(test)]
mod tests {
    use super::super::plain::fold_phrase;
    use super::{PARTS, in_parts, without_input_method};

    #[test]
    fn vietnamese_without_its_input_method() {
        let typed = |key: &str, other: &str| {
            let found = without_input_method(&fold_phrase(key));
            assert!(found.iter().any(|found| found == other), "{other}: {found:?}");
        };
        typed("cờ bạc", "cowf bacj");
        typed("cờ bạc", "co72 bac5");
        typed("con đĩ thõa ở", "con ddix thoax owr");
        assert!(without_input_method(&fold_phrase("café")).is_empty(), "a French word, and its plural");
    }

    #[test]
    fn chinese_characters_by_their_parts() {
        assert!(in_parts("代开发票").contains(&"代开发西示".to_owned()));
        assert!(in_parts("赌场").contains(&"贝者场".to_owned()) && in_parts("赌").is_empty());
        let mut characters: Vec<char> = PARTS.chars().step_by(3).collect();
        characters.sort_unstable();
        assert!(
            PARTS.chars().count().is_multiple_of(3)
                && characters.windows(2).all(|two| two.first() != two.last())
        );
    }
}
