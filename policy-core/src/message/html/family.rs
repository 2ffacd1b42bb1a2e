//! What selectors ask of the elements around an element and before it.

use html5ever::{LocalName, tendril::StrTendril};

/// So many of the children before are remembered.
const SIBLINGS: usize = 8;

/// Of so many kinds of children it is counted how many there are.
const KINDS: usize = 32;

/// So many of an element's classes are looked at, and so many bytes of them.
const CLASSES: usize = 16;
const CLASS_BYTES: usize = 512;

/// An element as selectors see it.
#[derive(Clone)]
pub(super) struct Kin {
    pub(super) name: LocalName,
    pub(super) id: StrTendril,
    classes: StrTendril,
    /// The how many-th child it is, and the how many-th of its name.
    pub(super) place: u32,
    pub(super) place_of_type: u32,
}

impl Kin {
    /// Whether it has this class or id, which the sign before it tells.
    pub(super) fn has(&self, mark: &str) -> bool {
        match mark.split_at_checked(1) {
            Some(("#", id)) => *self.id == *id,
            Some((_, class)) => self.classes.split_ascii_whitespace().take(CLASSES).any(|own| own == class),
            None => false,
        }
    }
}

/// The children of an element so far, and the element itself.
#[derive(Default)]
pub(super) struct Family {
    around: Option<Kin>,
    /// The last ones.
    siblings: Vec<Kin>,
    count: u32,
    kinds: Vec<(LocalName, u32)>,
}

impl Family {
    /// The children of this element.
    pub(super) fn of(around: Kin) -> Self {
        Self { around: Some(around), ..Self::default() }
    }

    /// The element; `None` for what nothing is around.
    pub(super) fn around(&self) -> Option<&Kin> {
        self.around.as_ref()
    }

    /// The children, as far as they are remembered.
    pub(super) fn siblings(&self) -> &[Kin] {
        &self.siblings
    }

    /// The next child.
    pub(super) fn next(&mut self, name: &LocalName, id: StrTendril, classes: StrTendril) -> Kin {
        self.count = self.count.saturating_add(1);
        let known = self.kinds.iter_mut().find(|(kind, _)| kind == name);
        let place_of_type = match known {
            Some((_, count)) => {
                *count = count.saturating_add(1);
                *count
            }
            None => {
                if self.kinds.len() < KINDS {
                    self.kinds.push((name.clone(), 1));
                }
                1
            }
        };
        let length = u32::try_from(classes.floor_char_boundary(CLASS_BYTES)).unwrap_or_default();
        let classes = classes.subtendril(0, length.min(classes.len32()));
        Kin { name: name.clone(), id, classes, place: self.count, place_of_type }
    }

    /// The child joins the others.
    pub(super) fn join(&mut self, kin: Kin) {
        if self.siblings.len() >= SIBLINGS {
            self.siblings.remove(0);
        }
        self.siblings.push(kin);
    }
}
