//! How many bytes are left.

/// Room in a text of limited length.
pub(super) struct Room(usize);

impl Room {
    /// Room for so many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        Self(bytes)
    }

    pub(super) fn left(&self) -> usize {
        self.0
    }

    /// Takes the room of a text; `false`, and no room is taken, where it does not fit.
    pub(super) fn take(&mut self, text: &str) -> bool {
        match self.0.checked_sub(text.len()) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => false,
        }
    }
}
