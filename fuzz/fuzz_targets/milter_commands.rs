//! What a peer sends to the milter's socket: read without panic, in the same way wherever the bytes are cut, keeping no
//! more than the longest packet.
#![no_main]

use libfuzzer_sys::fuzz_target;
use milter::protocol::{
    BUFFER, Command, LONGEST_CONTENT, Macros, Malformed, Order, Packets, Replies, negotiate,
};

/// What one peer has sent, as it was understood.
#[derive(Default)]
struct Heard {
    commands: Vec<String>,
    body: Vec<u8>,
    replies: Replies,
    macros: Macros,
    order: Order,
}

impl Heard {
    fn hear(&mut self, command: Command<'_>) -> Result<(), Malformed> {
        self.order = self.order.after(&command)?;
        match command {
            Command::Body { piece, last } => {
                self.body.extend_from_slice(piece);
                if last {
                    self.commands.push(format!("{:?}", std::mem::take(&mut self.body)));
                }
                return Ok(());
            }
            Command::Negotiate(offer) => drop(negotiate(offer, true, &mut self.replies)?),
            Command::Macros { stage, definitions } => self.macros.define(stage, definitions),
            Command::Mail(_) => self.commands.push(format!("{:?}", self.macros.take_sender())),
            Command::Rcpt(_) => self.commands.push(format!("{:?}", self.macros.take_recipient())),
            _ => {}
        }
        self.commands.push(format!("{command:?}"));
        Ok(())
    }
}

fn heard(bytes: &[u8], cut: usize) -> (Vec<String>, bool) {
    let (mut packets, mut heard) = (Packets::default(), Heard::default());
    for piece in bytes.chunks(cut) {
        packets.append(piece);
        loop {
            match packets.take_next() {
                Ok(None) => break,
                Ok(Some(command)) => {
                    if heard.hear(command).is_err() {
                        return (heard.commands, false);
                    }
                }
                Err(Malformed) => return (heard.commands, false),
            }
        }
        packets.rest();
        assert!(packets.long().is_none_or(|length| (BUFFER..=LONGEST_CONTENT + 5).contains(&length)));
    }
    (heard.commands, true)
}

fuzz_target!(|data: &[u8]| {
    let Some((&cut, bytes)) = data.split_first() else { return };
    let whole = heard(bytes, bytes.len().max(1));
    assert_eq!(heard(bytes, usize::from(cut).max(1)), whole, "it depends on where the bytes are cut");
    // After a negotiation, which few inputs would find.
    let negotiated = [b"\0\0\0\x0dO\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff", bytes].concat();
    assert_eq!(heard(&negotiated, usize::from(cut).max(1)), heard(&negotiated, negotiated.len()));
});
