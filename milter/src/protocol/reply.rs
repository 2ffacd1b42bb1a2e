//! Replies to bytes.

/// Replies that wait to be sent, all at once when no command is left to be answered.
#[derive(Debug, Default)]
pub struct Replies(Vec<u8>);

impl Replies {
    /// What is to be sent.
    pub fn pending(&self) -> &[u8] {
        &self.0
    }

    /// So many bytes have been sent.
    pub fn sent(&mut self, bytes: usize) {
        self.0.drain(..bytes.min(self.0.len()));
    }

    /// `c`: go on.
    pub fn go_on(&mut self) {
        self.packet(b'c', &[]);
    }

    /// `a`: the message passes.
    pub fn accept(&mut self) {
        self.packet(b'a', &[]);
    }

    /// `d`: the message goes nowhere, and its sender is told that it was taken.
    pub fn discard(&mut self) {
        self.packet(b'd', &[]);
    }

    /// `t`: the sender is to come again.
    pub fn try_later(&mut self) {
        self.packet(b't', &[]);
    }

    /// `y`: this SMTP reply, of one line, such as `550 5.7.1 No`.
    pub fn say(&mut self, line: &str) {
        // Postfix and Sendmail expand what follows a per cent sign.
        let text: String = line
            .chars()
            .map(|char| if char.is_control() { ' ' } else { char })
            .collect::<String>()
            .replace('%', "%%");
        self.packet(b'y', &[text.as_bytes(), b"\0"]);
    }

    /// `-`: removes this recipient, written as RCPT had it.
    pub fn delete_recipient(&mut self, recipient: &[u8]) {
        self.packet(b'-', &[recipient, b"\0"]);
    }

    /// `m`: removes the header field of this name and number, counted from 1 among those of its name.
    pub fn delete_header(&mut self, name: &[u8], number: u32) {
        self.packet(b'm', &[&number.to_be_bytes(), name, b"\0\0"]);
    }

    /// `i`: inserts a header field above all others.
    pub fn insert_header(&mut self, name: &str, value: &str) {
        self.packet(b'i', &[&0_u32.to_be_bytes(), name.as_bytes(), b"\0", value.as_bytes(), b"\0"]);
    }

    /// `O`: the answer to the negotiation, with the macros that are wanted at stages by number.
    pub fn negotiation(&mut self, version: u32, actions: u32, steps: u32, macros: &[(u32, &[u8])]) {
        let mut payload: Vec<u8> = [version, actions, steps].into_iter().flat_map(u32::to_be_bytes).collect();
        for (stage, names) in macros {
            payload.extend_from_slice(&stage.to_be_bytes());
            payload.extend_from_slice(names);
            payload.push(0);
        }
        self.packet(b'O', &[&payload]);
    }

    fn packet(&mut self, reply: u8, payload: &[&[u8]]) {
        let length: usize = payload.iter().map(|part| part.len()).sum();
        self.0.extend_from_slice(&u32::try_from(length + 1).unwrap_or(u32::MAX).to_be_bytes());
        self.0.push(reply);
        payload.iter().for_each(|part| self.0.extend_from_slice(part));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_text_stays_one_line_and_its_per_cent_signs_are_doubled() {
        let mut replies = Replies::default();
        replies.say("550 5.1.1 <a%b@c>\r\n250 ok");
        assert_eq!(replies.pending(), b"\0\0\0\x1cy550 5.1.1 <a%%b@c>  250 ok\0");
        replies.sent(4);
        assert_eq!(replies.pending().first(), Some(&b'y'));
        replies.sent(1000);
        assert!(replies.pending().is_empty());
    }
}
