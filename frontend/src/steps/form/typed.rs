//! What stands in the inputs.

use leptos::prelude::*;
use shared::form::{Field, UnitDraft};

/// The inputs' values. Each input has a signal of its own: a key wakes what shows this input, and nothing else of the form.
#[derive(Clone, Copy)]
pub struct Typed(StoredValue<Values>);

struct Values {
    draft: UnitDraft,
    of: [RwSignal<u32>; Field::COUNT],
    changes: RwSignal<u32>,
}

impl Typed {
    /// The inputs with these values.
    pub fn new(draft: UnitDraft) -> Self {
        let of = std::array::from_fn(|_| RwSignal::new(0));
        Self(StoredValue::new(Values { draft, of, changes: RwSignal::new(0) }))
    }

    fn signal(self, field: Field) -> RwSignal<u32> {
        self.0.with_value(|values| values.of[field as usize])
    }

    /// What stands in an input; whoever asks is told of each change.
    pub fn value(self, field: Field) -> String {
        self.signal(field).track();
        self.now(field)
    }

    /// What stands in an input now.
    pub fn now(self, field: Field) -> String {
        self.with(|draft| draft.get(field).to_owned())
    }

    /// Looks at all values as they are now.
    pub fn with<T>(self, look: impl FnOnce(&UnitDraft) -> T) -> T {
        self.0.with_value(|values| look(&values.draft))
    }

    /// All values as they are now.
    pub fn all(self) -> UnitDraft {
        self.with(Clone::clone)
    }

    /// Counts every change of any input.
    pub fn changes(self) -> RwSignal<u32> {
        self.0.with_value(|values| values.changes)
    }

    /// Sets an input.
    pub fn set(self, field: Field, value: String) {
        self.0.update_value(|values| values.draft.set(field, value));
        self.tell(field);
        self.changes().update(|count| *count += 1);
    }

    /// Says that an input changed although it did not: what shows it is set right.
    pub fn tell(self, field: Field) {
        self.signal(field).update(|count| *count += 1);
    }

    /// Gives inputs the values that `new` has for them.
    pub fn adopt(self, new: impl Fn(Field, &str) -> String) {
        for field in Field::ALL {
            let now = self.now(field);
            let value = new(field, &now);
            if value != now {
                self.set(field, value);
            }
        }
    }
}
