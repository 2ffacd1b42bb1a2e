//! Settings that are right each for itself and can't both be meant.

/// An address that a setting names, and whether Postward listens there or turns to it.
pub(super) struct Place {
    /// The setting, as messages name it.
    pub(super) at: String,
    /// Its name alone.
    pub(super) key: &'static str,
    /// Whether Postward itself listens there.
    pub(super) listens: bool,
    /// Host and port.
    pub(super) address: (String, u16),
}

/// The first contradiction among places, if there is one: what is wrong, where, and what to do.
pub(super) fn among(places: &[Place]) -> Option<String> {
    for (number, one) in places.iter().enumerate() {
        for other in places.iter().skip(number + 1) {
            let clash =
                (one.listens || other.listens) && one.address.1 != 0 && same(&one.address, &other.address);
            if !clash {
                continue;
            }
            let (host, port) = &one.address;
            // What turns to a place is the one to be corrected.
            let (wrong, right) = if one.listens { (other, one) } else { (one, other) };
            return Some(if wrong.listens {
                format!(
                    "{}: {} is at {host}:{port}, too. Two can't listen at one place: choose another port for one of them",
                    wrong.at, right.key
                )
            } else {
                format!(
                    "{}: at {host}:{port} Postward itself listens ({}). Write where the other server is",
                    wrong.at, right.key
                )
            });
        }
    }
    None
}

fn same((host, port): &(String, u16), (other, other_port): &(String, u16)) -> bool {
    let loopback = |host: &str| matches!(host, "localhost" | "127.0.0.1");
    port == other_port && (host == other || loopback(host) && loopback(other))
}
