//! Providers where very many unrelated people have addresses.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::Domain;

static SHARED: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("../../data/shared-providers.txt")
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
});

impl Domain {
    /// Whether very many unrelated people have addresses at this very domain.
    pub fn is_shared_provider(&self) -> bool {
        SHARED.contains(self.as_str())
    }
}
