//! The stronger steps, which look only where a text shows signs of hiding.

use super::step;

/// Regional indicators and squared letters (Unicode Standard section 22.10) are letters; an emoji between letters parts
/// no word (in disguise).
#[test]
fn emoji_and_regional_indicators() {
    step(&[
        ("casino", "🇨🇦🇸🇮🇳🇴", ""),
        ("casino", "🅲🅰🆂🅸🅽🅾", ""),
        ("casino", "c🎰a🎰s🎰i🎰n🎰o", "c 🎰 as in o"),
    ]);
}

/// UTS 39 confusables, in disguise: letters of another script among a word's own. A word that is wholly of one script is
/// what it says.
#[test]
fn confusables() {
    step(&[("casino", "сasinо", "сор"), ("paypal", "pаypаl", ""), ("сор", "сор", "cop")]);
}

/// Letters parted, stretched, or replaced by digits and signs, in disguise.
#[test]
fn parted_stretched_and_drawn_letters() {
    step(&[
        ("casino", "c a s i n o", "as in o"),
        ("casino", "c.a-s_i*n*o", ""),
        ("casino", "caaasiiinooo", ""),
        ("casino", "c4s1n0", "c4 s1 n0 table"),
        ("viagra", "v|agra", ""),
    ]);
}

/// An accent put on a long word, or one vowel doubled in it, where the language around has no such word.
#[test]
fn accents_put_on_and_vowels_doubled() {
    step(&[
        ("Schlampe", "du bist eine Schlàmpe", "du Schlämpe und ich"),
        ("perdida", "la perdida", "la pérdida de los datos"),
        ("mentirosa", "mira esto, mèntirosa, al final", "mentirosà"),
        // The language around hasn't that letter, or the word has those of two.
        ("vadia", "você não é vadìa, irmã", "você não é vadía, irmã"),
        ("děvka", "ta děvkä tam", ""),
        ("mrcha", "ta mrchâ mě udala včera", "esta mrchá"),
        ("szmata", "ta szmata", "ta głupia szmatą się śmieje"),
        ("курва", "тая курвӓ пак", "пӗр курвӑ тӑван"),
        ("seni öldürürüm", "seni öldürurüm", "seni öldürür"),
        ("viagra", "look at our viiagra today", "viagrarium"),
        ("matkan", "sen matkan", "he menivät matkaan eilen"),
    ]);
}

/// Two neighbouring letters that changed places, where that makes no word that people write (`text/swapped.rs`).
#[test]
fn letters_that_changed_places() {
    step(&[
        ("casino", "a csaino", "a casnios"),
        ("viagra", "our viarga tonight", "our viaagr"),
        ("click here", "clcik here now", "clcik there"),
        ("Glücksspiel", "das Glükcsspiel", ""),
        // Words of their own, and names.
        ("united", "united", "she untied it"),
        ("scared", "scared", "the sacred"),
        ("brian", "brian", "Birna"),
        ("dziwka", "dziwka", "DZIWAK idzie"),
        ("läski", "läski", "minä läksi"),
        // An umlaut that is typed as two letters is no diphthong.
        ("Lügnerin", "die Luegnerin", "die Leugnerin"),
    ]);
}

/// Letters of the same sound, where that makes no word (`text/slips.rs`).
#[test]
fn letters_of_the_same_sound() {
    step(&[
        ("быстрый займ", "вот бистрый займ", "быстрый зай"),
        ("babaca", "um babaka", "um babaga"),
        ("Arschloch", "du Arshloch", ""),
        ("łatwe pieniądze", "łatve pieniądze", ""),
        ("credit", "credit", "ein Kredit"),
        ("freak", "you phreak", "you phreaky"),
        ("mentirosa", "eres una mentiroza", "una mentirola"),
        ("быстрый кредит", "быстрый кридит тут", "быстрый кредита"),
        ("cheap pills", "get the cheap pillz from our shop", "cheap pill"),
        ("abrasar", "abrasar", "abrazar"),
        ("kölcsönös", "kölcsönös érdek", "könyvet kölcsönöz"),
        ("prophet", "a prophet", "a profet"),
    ]);
}

/// A small l for an i, and a capital I for an l, where that makes no word (`text/slips.rs`).
#[test]
fn letters_that_are_drawn_alike() {
    step(&[
        ("casino", "the caslno", "the casual"),
        ("bitcoin", "you can buy bltcoln with the money", "you can buy bitcoil with the money"),
        ("jag hittar dig", "jag hlttar dig", "jag hettar dig"),
        ("sinful bitcoin", "slnful bltcoln", "slnful coin"),
        ("non ti lascio andare", "non ti Iascio andare", ""),
        ("lottery", "this is an Iottery of the year", "this is an iottery of the year"),
        ("dziwka", "ty dzlwka", "ty dziwna"),
        // Words of their own, however few people write them.
        ("pianista", "un pianlsta", "asystent planista"),
        ("steile", "steile", "die Stelle"),
        ("lian", "lian", "my friend Ian"),
    ]);
}

/// The same word again and again without a blank.
#[test]
fn a_word_again_and_again() {
    step(&[("mongool", "mongoolmongoolmongool!", "mongoolse"), ("couscou", "couscou", "couscous")]);
}

/// Words cut in two, where a piece is no word that people write (`text/torn.rs`).
#[test]
fn words_cut_in_two() {
    step(&[
        ("casino", "the cas ino in town", "in casa ino"),
        ("kurwa", "ty ku.rwa", "ty ku. rwa"),
        ("Schlampe", "du Schla mpe", ""),
        ("click here", "cl ick here", "cl ick there"),
        // Words of their own.
        ("penis", "penis", "my pen is it"),
        ("therapist", "therapist", "the rapist"),
        ("asshole", "asshole", "ass hole"),
    ]);
}

#[test]
fn blanks_in_other_places() {
    step(&[
        ("रंडी", "तेरी बहन रं डी है", "बी डी"),
        ("चूतिया", "फिर वही चू ति या आ गया", "चू ति याद"),
        ("klootzak", "een klo otz ak daar", "een klo ots ak daar"),
        ("kaltak", "bir k altak gibi", "bir k alt ak gibi"),
        ("click here", "so clic khere", "so clic there"),
        ("inform", "inform", "in for me"),
    ]);
}

#[test]
fn a_vowel_left_out() {
    step(&[
        // In a very long word, any letter.
        ("bantningspiller", "vårt erbjudande: bantingspiller, bara till fredag", "bantninspille"),
        ("mortgage", "a mortgge", "a mrtgge"),
        ("klootzak", "een klotzak", "een klotza"),
        // A consonant makes another word.
        ("médicales", "médicales", "les médiales"),
        ("bitch", "bitch", "btch"),
        ("המסוכנים", "המסוכנים", "המסכנים"),
        // In a long phrase, the other words tell.
        ("préstamo rápido", "un prétamo rápido", "un prétamo rápida"),
        ("kill yourself", "just kil yourself", "just kil myself"),
        ("i will find you", "that i wil find you", "that i wil find me"),
        // What is left is a word.
        ("planning trip", "planning trip", "planing trip"),
    ]);
}

#[test]
fn the_same_beside_each_character() {
    step(&[
        ("贷款", "a贷a款", "买A贷B款"),
        ("殺してやる", "殺xしxてxやxる", "殺xしyてxやxる"),
        ("창녀", "【창】【녀】", "【창】 녀가"),
        ("月日", "月日", "3月3日"),
        ("贱女人", "这个贱。女。人", "这个贱。女人。"),
        ("미친년", "야 미1친2년 봐", "2미3친4년5"),
        ("年月日", "年月日", "1年2月3日"),
        ("男女", "男女", "老、男、女、人"),
    ]);
}

/// Brackets, a line's end among katakana, a small vowel that only draws the one before out (`text/bridged.rs`).
#[test]
fn what_is_read_over_in_scripts_without_blanks() {
    step(&[
        ("代开发票", "请找代开【发票】吧", "代开（三张）发票"),
        ("급전대출", "오늘 급전【대출】 가능", "급전【신용대출】"),
        ("出会い系サイト", "古い出会い系サ\nイトへ", "出会い系サ\n\nイト"),
        ("クソ女", "あのクソォ女め", "あのクソォな女"),
        ("男女", "男女", "男（女）"),
        ("殺してやる", "お前を殺してーやる", "殺してーやれ"),
        ("रंडी", "तुम रंडीीी हो", ""),
    ]);
}

#[test]
fn markup_in_plain_text() {
    step(&[
        ("casino", "the ca[b]si[/b]no", "the ca[n]si[/n]no"),
        ("lening", "een le<b>ning</b>", "een le<b>n</b>"),
        ("kill yourself", "kill [i]your[/i]self", "kill\u{2029}[i]yourself[/i]"),
    ]);
}

/// Where a text ends, a paragraph does.
#[test]
fn a_slip_is_found_in_a_paragraphs_last_word() {
    for end in ["\u{2029}", ".\u{2029}", "!\u{2029}\u{2029}more"] {
        step(&[
            ("viagra", &format!("our viagrra{end}"), &format!("our viagrarium{end}")),
            ("viagra", &format!("our viiagra{end}"), ""),
            ("Schlampe", &format!("du bist eine Schlàmpe{end}"), ""),
        ]);
    }
}

/// UAX 9 section 2.2: what an override shows backwards is read as it is shown; letters turned upside down as a reader
/// turns them.
#[test]
fn reversed_text() {
    step(&[("casino", "\u{202E}onisac\u{202C}", "onisac"), ("bastard", "pɹɐʇsɐq", "")]);
}

/// UAX 14 section 5.4: a hyphen or a soft hyphen at a line's end parts no word (in disguise).
#[test]
fn words_broken_at_a_lines_end() {
    step(&[
        ("casino", "cas-\nino", ""),
        ("hotel", "ho-\ntel", "hot\nel"),
        ("casino", "cas\u{AD}\nino", ""),
        ("re-use", "re-\nuse", ""),
    ]);
}

/// Masked letters: the first stands, the length agrees, at most half are masked (in disguise).
#[test]
fn masked_letters() {
    step(&[
        ("viagra", "buy *iagra now", "buy iagra now, *iagra* or **iagra"),
        ("mortgage", "your *ortgage today", "* ortgage"),
        ("bitch", "b*tch", "b***h"),
        ("kurva", "k*rv*", "kurv*"),
        ("asshole", "assho**", "ass*"),
        ("refuse", "ref*se", "re-use"),
        ("schlampe", "schla_pe", ""),
        ("personne ne te croira", "pers-nne ne te croira", ""),
        ("bitch", "b.tch", "b. tch"),
        ("kurva", "kur·va", "kur· va"),
        ("connard", "co·nard", "co·nards"),
        ("salope", "salo…e", "salo… e"),
        ("suka", "s×ka", "3×4"),
        ("colegi", "colegi", "col·legi"),
    ]);
}

/// Several words of a phrase (`text/masked/`).
#[test]
fn several_masked_words_of_a_phrase() {
    step(&[
        ("i will find you", "i w*ll f*nd you", "i w*ll, f*nd you"),
        ("sale traînée", "une s*le t*aînée", "une s*le et t*aînée"),
        ("быстрый заработок", "б*стрый з*работок", "з*работок б*стрый"),
        ("i will find you", "i w**l f**d y*u", "w*ll f*nd you"),
    ]);
}

/// One character of a script without blanks, or a syllable (`text/pierced.rs`).
#[test]
fn pierced_words() {
    step(&[
        ("殺してやる", "お前を殺*てやる", "殺*やる"),
        ("我要杀了你", "我_杀了你", "我_杀你"),
        ("거짓말쟁이", "이 거1짓말쟁이야", "새거1짓말쟁이"),
        ("거짓말쟁이", "거_말쟁이", "거_쟁이"),
        ("我知道你住在哪里", "我知道你住7在哪里", "我知道你住77在哪里"),
        ("กูจะตามหามึง", "กูจะ#ามหามึง", ""),
        ("出会い系サイト", "あの出会い系サ○トで", "あの出会い系サ○で"),
        // Two characters are too few.
        ("男女", "男×女", "男1女2"),
        ("大小", "大小", "大3小5"),
    ]);
}

/// Signs that can be letters are read as both (in disguise): an `!` is an i, and can part all letters.
#[test]
fn signs_that_part_or_stand_for_letters() {
    step(&[
        ("idiot", "you !diot", "d!ot"),
        ("casino", "c!a!s!i!n!o", "c!a!s!i"),
        ("loser", "l0ser!!!1", "l0se!!!1"),
        ("scammer", "a $.c.a.m.m.e.r here", "$.cammer"),
        ("câștigă bani", "câștigă ban1 ușor", "câștigă 1 ban"),
        ("shit", "sh!t happens", "s=hi+t"),
    ]);
}

/// Where nothing shows signs of hiding, no stronger step looks: measures, numbers and abbreviations are what they are.
#[test]
fn the_stronger_steps_look_only_where_something_hides() {
    step(&[("sam", "sam", "at 5am"), ("ass", "a s s", "A55 to Holyhead"), ("usa", "usa", "u. s. armed")]);
}
