//! The elements that are open around a place, from the page inwards.

use std::collections::HashMap;

use html5ever::LocalName;

use super::boxes::Stands;
use super::elements::{self, Elements};
use super::style::Items;
use super::visibility::Visibility;

/// So many of the innermost elements are looked through by name faster than names are hashed.
const NEAR: usize = 64;

/// An open element.
pub(super) struct Open {
    pub(super) name: LocalName,
    pub(super) kind: Elements,
    /// It and all around it.
    pub(super) within: Elements,
    pub(super) block: bool,
    pub(super) shown: Visibility,
    pub(super) turned: bool,
    /// How its children stand beside one another.
    pub(super) items: Items,
    /// How it stands among its own neighbours.
    pub(super) stands: Stands,
    /// Nothing parts the cells of the table that it is in.
    pub(super) unspaced: bool,
    /// What is shown behind what it holds.
    pub(super) after: Option<Box<str>>,
}

#[derive(Default)]
pub(super) struct OpenElements {
    elements: Vec<Open>,
    /// How many of each name are open but the innermost [`NEAR`]: an end tag that ends nothing must not cost a search
    /// through all.
    deep: HashMap<LocalName, usize>,
}

impl OpenElements {
    pub(super) fn last(&self) -> Option<&Open> {
        self.elements.last()
    }

    pub(super) fn len(&self) -> usize {
        self.elements.len()
    }

    pub(super) fn push(&mut self, element: Open) {
        if let Some(far) = self.far() {
            *self.deep.entry(far).or_default() += 1;
        }
        self.elements.push(element);
    }

    pub(super) fn pop(&mut self) -> Option<Open> {
        let element = self.elements.pop()?;
        if let Some(far) = self.far()
            && let Some(count) = self.deep.get_mut(&far)
        {
            *count -= 1;
        }
        Some(element)
    }

    /// Where the innermost open element of this name is among those that are open.
    pub(super) fn innermost(&self, name: &LocalName) -> Option<usize> {
        let same = |open: &Open| open.name == *name;
        let far = self.elements.len().saturating_sub(NEAR);
        let near = self.elements.get(far..).unwrap_or_default();
        near.iter().rposition(same).map(|at| far + at).or_else(|| {
            let deep = self.deep.get(name).is_some_and(|count| *count > 0);
            if deep { self.elements.get(..far).and_then(|deep| deep.iter().rposition(same)) } else { None }
        })
    }

    /// Where the outermost element is that the start of `name` closes without an end tag (HTML section 13.1.2.4).
    pub(super) fn implied_end(&self, name: &str, block: bool) -> Option<usize> {
        let (closed, fences) = elements::implied_end(name, block)?;
        if self.elements.last().is_none_or(|open| !closed.meet(open.within)) {
            return None;
        }
        // Deeper than this, layout never puts one.
        let near = self.elements.iter().enumerate().rev().take(64);
        near.take_while(|(_, open)| !fences.meet(open.kind))
            .filter(|(_, open)| closed.meet(open.kind))
            .last()
            .map(|(at, _)| at)
    }

    /// The name of the element that has [`NEAR`] minus one others within.
    fn far(&self) -> Option<LocalName> {
        self.elements
            .len()
            .checked_sub(NEAR)
            .and_then(|far| self.elements.get(far))
            .map(|open| open.name.clone())
    }
}
